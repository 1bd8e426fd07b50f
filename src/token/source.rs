//! Sources of facts about tokens.

/// A document or source code that states a fact of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source {
    /// Its title.
    pub title: &'static str,
    /// Its address without the scheme; empty if it has no page.
    pub address: &'static str,
}

macro_rules! sources {
    ($($name:ident = $title:literal at $address:literal;)*) => {
        $(pub(super) const $name: Source = Source { title: $title, address: $address };)*
    };
}

sources! {
    OPERATOR = "Dynatrace Operator, token generator and prefixes"
        at "github.com/Dynatrace/dynatrace-operator/blob/main/pkg/util/dttoken/token.go";
    EDGECONNECT = "EdgeConnect documentation"
        at "docs.dynatrace.com/docs/ingest-from/edgeconnect";
    INSTALLER = "OneAgent installer for Linux, the function that masks its own log"
        at "";
    ACCESS_TOKENS = "Access tokens: format, prefixes, what may be shown"
        at "docs.dynatrace.com/docs/manage/identity-access-management/access-tokens-and-oauth-clients/access-tokens";
    FORMAT_BLOG = "Announcement of the token format"
        at "www.dynatrace.com/news/blog/further-enhance-security-by-easily-automating-your-api-token-protection/";
    ACTIVEGATE_SECURITY = "ActiveGate token structure"
        at "docs.dynatrace.com/managed/ingest-from/dynatrace-activegate/activegate-security";
    ACTIVEGATE_API = "ActiveGate tokens API"
        at "docs.dynatrace.com/managed/dynatrace-api/environment-api/tokens-v2/activegate-tokens";
    ACTIVEGATE_CONFIG = "Environment ActiveGate configuration"
        at "docs.dynatrace.com/managed/ingest-from/dynatrace-activegate/configuration/configure-an-environment-activegate-for-multi-environment-support";
    TENANT_API = "Tenant token rotation API"
        at "docs.dynatrace.com/managed/dynatrace-api/environment-api/tokens-v2/tenant-tokens";
    TOKENS_API = "Access tokens API"
        at "docs.dynatrace.com/managed/dynatrace-api/environment-api/tokens-v2/api-tokens";
    TOKENS_V1_API = "Tokens API v1, finding and deleting an exposed token"
        at "docs.dynatrace.com/managed/dynatrace-api/environment-api/tokens-v1";
    ROTATE_TENANT = "Rotating tenant tokens"
        at "docs.dynatrace.com/docs/manage/identity-access-management/access-tokens-and-oauth-clients/access-tokens/rotate-tenant-token";
    SCIM = "User provisioning through SCIM"
        at "docs.dynatrace.com/docs/manage/identity-access-management/user-and-group-management/access-scim";
    OAUTH_CLIENTS = "OAuth clients"
        at "docs.dynatrace.com/managed/manage/identity-access-management/access-tokens-and-oauth-clients/oauth-clients";
    MISSION_CONTROL = "Mission Control API"
        at "docs.dynatrace.com/managed/dynatrace-api/mission-control-api";
    EDGECONNECT_API = "EdgeConnect API, client rotation"
        at "docs.dynatrace.com/docs/dynatrace-api/platform-api/platform-app-engine-edge-connect-v1/edge-connects-edge-connect-id-oauth-client-rotate-post";
    PLATFORM_API = "Platform tokens API"
        at "docs.dynatrace.com/docs/dynatrace-api/account-management-api/platform-tokens-api";
    DTWIZ = "dtwiz, installers and tests"
        at "github.com/dynatrace-oss/dtwiz";
    TERRAFORM = "Terraform provider, settings and variables"
        at "github.com/dynatrace-oss/terraform-provider-dynatrace";
    DTCTL = "dtctl, authentication"
        at "github.com/dynatrace-oss/dtctl";
    MCP = "Dynatrace MCP server"
        at "github.com/dynatrace-oss/dynatrace-mcp";
    KEPTN = "Keptn metrics operator, its check of a client secret"
        at "github.com/keptn/lifecycle-toolkit/tree/main/metrics-operator/controllers/common/providers/dynatrace";
    OTEL_GO = "OpenTelemetry exporter for Go, the header it sends"
        at "github.com/dynatrace-oss/opentelemetry-exporter-go";
    LAMBDA = "Monitoring AWS Lambda functions"
        at "docs.dynatrace.com/managed/ingest-from/amazon-web-services/integrate-into-aws/aws-lambda-integration";
    K8S_CONNECTOR = "Kubernetes connector settings schema"
        at "github.com/dynatrace-oss/terraform-provider-dynatrace/blob/main/docs/resources/automation_workflow_k8s_connections.md";
    K8S_ROTATION = "Token rotation on Kubernetes"
        at "docs.dynatrace.com/managed/ingest-from/setup-on-k8s/guides/networking-security-compliance/security-configurations/token-rotation";
    BOOTSTRAPPER = "Dynatrace bootstrapper, the agent's configuration files"
        at "github.com/Dynatrace/dynatrace-bootstrapper";
    CLUSTER_API = "Cluster API, authentication and token rotation"
        at "docs.dynatrace.com/managed/dynatrace-api/cluster-api";
    CLUSTER_INSTALL = "Managed cluster installation"
        at "docs.dynatrace.com/managed/managed-cluster/installation/customize-managed-cluster-install";
    COMMUNITY = "Dynatrace community, on auth tokens with the prefix dt0a01"
        at "community.dynatrace.com";
    PUBLIC_CODE = "Seen in public code, not in a document of Dynatrace"
        at "";
}
