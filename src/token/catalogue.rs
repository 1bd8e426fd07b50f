//! The table of all credentials that Dynatrace issues.
//!
//! The finder, the messages, `dtguard explain`, `docs/token-kinds.md` and the tests all use it.

use super::shape::{Public, Shape};
use super::source::{self as from, Source};

/// One kind of credential.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// Its name in policies and reports: lower case, words joined by `-`.
    pub id: &'static str,
    /// The prefixes of its tokens; none for formats without a prefix.
    pub prefixes: &'static [&'static str],
    /// Dynatrace's name for it.
    pub name: &'static str,
    /// What its holder can do.
    pub opens: &'static str,
    /// How it is built, and thereby where the identifier ends and the secret begins.
    pub shape: Shape,
    /// How bad a leak is.
    pub severity: Severity,
    /// How well the shape is known.
    pub evidence: Evidence,
    /// What else a reader should know; may be empty.
    pub note: &'static str,
    /// The ways to revoke a leaked one, best first.
    pub revoke: &'static [Revocation],
    /// The sources of these facts.
    pub sources: &'static [Source],
}

named! {
    /// How bad a leak of a kind is.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    pub enum Severity {
        /// Of no use alone.
        Info = "info",
        /// Short-lived, or of use only inside one cluster.
        Low = "low",
        /// Sends data in its owner's name.
        Medium = "medium",
        /// Reads or changes monitoring data or its configuration.
        High = "high",
        /// Gives access to the whole account or cluster.
        Critical = "critical",
    }
}

named! {
    /// How well a fact is known.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Evidence {
        /// A document or source code of Dynatrace states it.
        Verified = "verified",
        /// Seen in public code only.
        Observed = "observed",
        /// Inferred from the rest of the family.
        Inferred = "inferred",
    }
}

/// A way to revoke a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revocation {
    /// An HTTP call. `{id}` stands for the token identifier. The user fills in the rest:
    /// `{environment}`, the host of the environment (for Managed with its `/e/` path),
    /// `{apps}`, its host for apps, `{cluster}`, the host of a Managed cluster,
    /// `{accountUuid}`, `{tokenId}`, `{edgeConnectId}`.
    Call {
        /// Method, address and, if there is one, the body.
        request: &'static str,
        /// The scope that the user's own token needs.
        scope: &'static str,
    },
    /// A manual step: a page of the product, a command, a request to support.
    Step(&'static str),
}

impl Revocation {
    /// The call or step as text. `identifier`, or else `IDENTIFIER`, replaces `{id}`.
    pub fn describe(self, identifier: Option<&str>) -> String {
        match self {
            Self::Call { request, .. } => request.replace("{id}", identifier.unwrap_or("IDENTIFIER")),
            Self::Step(text) => text.to_owned(),
        }
    }

    /// The scope that the call needs.
    pub fn scope(self) -> Option<&'static str> {
        match self {
            Self::Call { scope, .. } => Some(scope),
            Self::Step(_) => None,
        }
    }
}

impl Kind {
    /// Whether `name` stands for this kind in a policy: its id or one of its prefixes.
    pub fn is_called(&self, name: &str) -> bool {
        self.id == name || self.prefixes.contains(&name)
    }

    /// Whether it is what a rule of the policy forbids, and no token of Dynatrace.
    pub fn is_rule(&self) -> bool {
        self.shape == Shape::Rule
    }

    /// The prefixes in one text, or a text for kinds without a prefix.
    pub fn label(&self) -> String {
        match self.prefixes {
            [] => "no prefix".to_owned(),
            prefixes => prefixes.join(", "),
        }
    }
}

/// The kind with this `prefix` (lower case, six characters).
pub fn by_prefix(prefix: &[u8]) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.prefixes.iter().any(|known| known.as_bytes() == prefix))
}

/// The kind called `name`: an id or a prefix.
pub fn by_name(name: &str) -> Option<&'static Kind> {
    KINDS.iter().chain([&UNKNOWN]).find(|kind| kind.is_called(name))
}

const fn call(request: &'static str, scope: &'static str) -> Revocation {
    Revocation::Call { request, scope }
}

const fn step(text: &'static str) -> Revocation {
    Revocation::Step(text)
}

const BASE32_8: Shape = Shape::Dotted { public: &[Public::Base32(8)], hex: false };
const BASE32_24: Shape = Shape::Dotted { public: &[Public::Base32(24)], hex: false };
const BASE32_8_OR_24: Shape = Shape::Dotted { public: &[Public::Base32(8), Public::Base32(24)], hex: false };

const DELETE_OAUTH_CLIENT: &[Revocation] = &[step(
    "Account Management > Identity & access management > OAuth clients: delete the client, create a new one",
)];
const ROTATE_TENANT_TOKEN: &[Revocation] = &[
    call("POST https://{environment}/api/v2/tenantTokenRotation/start", "tenantTokenRotation.write"),
    step("give the new token to every ActiveGate, then to every OneAgent"),
    call("POST https://{environment}/api/v2/tenantTokenRotation/finish", "tenantTokenRotation.write"),
];

/// Tokens of the family whose prefix is not in the catalogue. They are found too, since
/// Dynatrace adds prefixes faster than it documents them.
pub const UNKNOWN: Kind = Kind {
    id: "dynatrace-unknown-token",
    prefixes: &[],
    name: "Dynatrace token of a kind that is not documented",
    opens: "Not known. It has the family's format, so treat it as a live credential.",
    shape: Shape::Dotted { public: &[Public::Base32(24), Public::Base32(8)], hex: false },
    severity: Severity::High,
    evidence: Evidence::Inferred,
    note: "",
    revoke: &[step("find out what issued it and revoke it there; if nobody knows, ask Dynatrace support")],
    sources: &[from::ACCESS_TOKENS],
};

/// The catalogue.
pub const KINDS: &[Kind] = &[
    Kind {
        id: "dynatrace-access-token",
        prefixes: &["dt0c01"],
        name: "Access token (API token, personal access token, PaaS token)",
        opens: "The environment's and configuration APIs as far as its scopes go: reading and writing monitoring data, downloading installers, with apiTokens.write even minting new tokens.",
        shape: BASE32_24,
        severity: Severity::High,
        evidence: Evidence::Verified,
        note: "A PaaS token is one with the scope InstallerDownload. Cluster tokens of Dynatrace Managed have the same prefix.",
        revoke: &[
            call("DELETE https://{environment}/api/v2/apiTokens/{id}", "apiTokens.write"),
            call("PUT https://{environment}/api/v2/apiTokens/{id} {\"enabled\":false}", "apiTokens.write"),
        ],
        sources: &[from::ACCESS_TOKENS, from::FORMAT_BLOG, from::INSTALLER, from::OPERATOR, from::TOKENS_API],
    },
    Kind {
        id: "dynatrace-scim-token",
        prefixes: &["dt0s01"],
        name: "API token for SCIM",
        opens: "Creating, changing and deleting users and groups of the whole account.",
        shape: Shape::Dotted { public: &[Public::Base32(24), Public::Base32(8)], hex: false },
        severity: Severity::Critical,
        evidence: Evidence::Verified,
        note: "A public part of 24 characters is documented; one of 8 was seen once. Dynatrace advises to reveal no part of this kind.",
        revoke: &[step(
            "Account Management > Identity & access management > SCIM configuration > List of tokens: delete it, generate a new one",
        )],
        sources: &[from::ACCESS_TOKENS, from::SCIM, from::PUBLIC_CODE],
    },
    Kind {
        id: "dynatrace-oauth-client-secret",
        prefixes: &["dt0s02"],
        name: "OAuth2 client secret (client made in Account Management)",
        opens: "Bearer tokens for the Account Management API and the platform, up to the client's scopes: these may include users, groups and policies.",
        shape: BASE32_8,
        severity: Severity::Critical,
        evidence: Evidence::Verified,
        note: "The client id is the identifier (dt0s02 and 8 characters) and no secret.",
        revoke: DELETE_OAUTH_CLIENT,
        sources: &[from::ACCESS_TOKENS, from::OAUTH_CLIENTS, from::TERRAFORM, from::MCP],
    },
    Kind {
        id: "dynatrace-oauth-service-client",
        prefixes: &["dt0s03", "dt0s08", "dt0s13"],
        name: "OAuth2 client secret (internal or external service)",
        opens: "What the client was made for, for example queries by a connector.",
        shape: Shape::Dotted { public: &[Public::Name], hex: false },
        severity: Severity::High,
        evidence: Evidence::Observed,
        note: "dt0s03 and dt0s08 are documented by name; the ids are mostly names that a human gave. dt0s13 was seen in public code only.",
        revoke: &[step(
            "if the client is yours, delete it (Account Management > Identity & access management > OAuth clients); else inform the team or vendor that owns it",
        )],
        sources: &[from::ACCESS_TOKENS, from::KEPTN, from::PUBLIC_CODE],
    },
    Kind {
        id: "dynatrace-mission-control-client-secret",
        prefixes: &["dt0s04", "dt0s09"],
        name: "Chat and identity linking; Mission Control client secret of Dynatrace Managed",
        opens: "Mission Control tokens: download addresses of offline bundles, identity linking.",
        shape: BASE32_8,
        severity: Severity::Medium,
        evidence: Evidence::Verified,
        note: "The shape is documented for dt0s04 and inferred for dt0s09.",
        revoke: &[step("no public call is known; ask Dynatrace support to revoke the client")],
        sources: &[from::ACCESS_TOKENS, from::MISSION_CONTROL],
    },
    Kind {
        id: "dynatrace-oauth-refresh-token",
        prefixes: &["dt0s06"],
        name: "OAuth2 refresh token",
        opens: "New access tokens in a user's name.",
        shape: BASE32_8_OR_24,
        severity: Severity::Medium,
        evidence: Evidence::Inferred,
        note: "The prefix is documented, the shape is not.",
        revoke: &[step("log out of the tool that holds it, or delete the client that it was issued to")],
        sources: &[from::ACCESS_TOKENS, from::OAUTH_CLIENTS, from::DTCTL],
    },
    Kind {
        id: "dynatrace-edgeconnect-oauth-client-secret",
        prefixes: &["dt0s10"],
        name: "OAuth2 client secret of an EdgeConnect",
        opens: "Posing as an EdgeConnect: the tunnel between the platform and a private network.",
        shape: BASE32_8,
        severity: Severity::High,
        evidence: Evidence::Observed,
        note: "Not in the public table of prefixes.",
        revoke: &[
            call(
                "POST https://{apps}/platform/app-engine/edge-connect/v1/edge-connects/{edgeConnectId}/oauthClient:rotate",
                "oauth2:clients:manage",
            ),
            step("where that answers 400, the client was made by hand: delete it and create a new one"),
        ],
        sources: &[from::EDGECONNECT, from::EDGECONNECT_API, from::OPERATOR, from::PUBLIC_CODE],
    },
    Kind {
        id: "dynatrace-public-oauth-client",
        prefixes: &["dt0s12"],
        name: "Public OAuth2 client shipped in a tool",
        opens: "Nothing by itself. Only ids were ever seen; a secret part should not exist.",
        shape: Shape::Dotted { public: &[Public::Name], hex: false },
        severity: Severity::Info,
        evidence: Evidence::Inferred,
        note: "The ids are verified, the shape of a secret part is inferred.",
        revoke: &[step("an id alone needs no revoking; if this has a secret part, inform Dynatrace support")],
        sources: &[from::DTCTL, from::MCP],
    },
    Kind {
        id: "dynatrace-platform-token",
        prefixes: &["dt0s16"],
        name: "Platform token",
        opens: "The platform's services (Grail, documents, automation, settings, identity and access) as the user or service user who owns it. It may never expire.",
        shape: BASE32_8_OR_24,
        severity: Severity::High,
        evidence: Evidence::Verified,
        note: "The public part has 8 characters; 24, as the general description says, is found too.",
        revoke: &[
            call(
                "DELETE https://api.dynatrace.com/iam/v1/accounts/{accountUuid}/platform-tokens/{id}",
                "account-idm-write",
            ),
            step("https://myaccount.dynatrace.com/platformTokens > Delete"),
        ],
        sources: &[from::ACCESS_TOKENS, from::PLATFORM_API, from::DTWIZ, from::DTCTL],
    },
    Kind {
        id: "dynatrace-oauth-authcode-client-secret",
        prefixes: &["dt0s17"],
        name: "OAuth2 client secret (authorization code grant)",
        opens: "What users consent to, in their name.",
        shape: Shape::Dotted { public: &[Public::Alnum(8)], hex: false },
        severity: Severity::High,
        evidence: Evidence::Inferred,
        note: "The client id is documented, the shape of the secret is not.",
        revoke: DELETE_OAUTH_CLIENT,
        sources: &[from::OAUTH_CLIENTS],
    },
    Kind {
        id: "dynatrace-agent-connection-token",
        prefixes: &["dt0a01"],
        name: "Agent connection token (serverless OneAgent)",
        opens: "Sending traces and agent data to one environment.",
        shape: Shape::Dotted { public: &[Public::Environment], hex: true },
        severity: Severity::Medium,
        evidence: Evidence::Observed,
        note: "The middle part is the environment's id and stays the same when the token is renewed. The prefix and its use are documented, the shape was seen in public code.",
        revoke: &[
            step("no call of its own is documented: open a support case with Dynatrace"),
            step(
                "according to Dynatrace support it derives from the tenant token and changes with it; how to rotate that one: dtguard explain dt0a02",
            ),
        ],
        sources: &[from::DTWIZ, from::OTEL_GO, from::LAMBDA, from::COMMUNITY, from::PUBLIC_CODE],
    },
    Kind {
        id: "dynatrace-tenant-token",
        prefixes: &["dt0a02"],
        name: "Tenant token",
        opens: "Reporting data to the environment as a OneAgent or ActiveGate.",
        shape: Shape::Whole,
        severity: Severity::Medium,
        evidence: Evidence::Verified,
        note: "Two parts only: all that follows the prefix is secret, and it has no identifier.",
        revoke: ROTATE_TENANT_TOKEN,
        sources: &[from::INSTALLER, from::TENANT_API, from::ROTATE_TENANT],
    },
    Kind {
        id: "dynatrace-activegate-token",
        prefixes: &["dt0g01", "dt0g02"],
        name: "ActiveGate token (seed or individual)",
        opens: "Connecting an ActiveGate to the cluster; a seed token makes many individual ones.",
        shape: BASE32_8,
        severity: Severity::Medium,
        evidence: Evidence::Verified,
        note: "",
        revoke: &[call(
            "DELETE https://{environment}/api/v2/activeGateTokens/{id}",
            "activeGateTokenManagement.write",
        )],
        sources: &[from::ACTIVEGATE_SECURITY, from::ACTIVEGATE_API, from::ACTIVEGATE_CONFIG, from::OPERATOR],
    },
    Kind {
        id: "dynatrace-edgeconnect-secret-token",
        prefixes: &["dt0e01"],
        name: "EdgeConnect secret token; Kubernetes connector token",
        opens: "Making an EdgeConnect put a locally held secret into a request, or call the Kubernetes API through it.",
        shape: BASE32_24,
        severity: Severity::Medium,
        evidence: Evidence::Verified,
        note: "",
        revoke: &[step(
            "generate a new one (openssl rand 15 | base32, openssl rand 40 | base32) in edgeConnect.yaml and in the connection's settings",
        )],
        sources: &[from::EDGECONNECT, from::OPERATOR, from::K8S_CONNECTOR],
    },
    Kind {
        id: "dynatrace-operator-internal-token",
        prefixes: &["dt0x01", "dt0n01"],
        name: "Token that the Dynatrace Operator generates for its own components",
        opens: "Traffic between the operator's components inside one Kubernetes cluster.",
        shape: BASE32_24,
        severity: Severity::Low,
        evidence: Evidence::Verified,
        note: "dt0x01: extension controller and collector; dt0n01: node configuration collector.",
        revoke: &[step(
            "kubectl delete secret <dynakube>-extension-token (dt0x01) or <dynakube>-kspm-token (dt0n01), then restart the workloads",
        )],
        sources: &[from::OPERATOR, from::K8S_ROTATION],
    },
    Kind {
        id: "dynatrace-legacy-api-token",
        prefixes: &[],
        name: "API, PaaS or module token in the old format (before version 1.210)",
        opens: "The same as an access token: tokens of the old format remain valid.",
        shape: Shape::Bare { length: 21, dashes: true },
        severity: Severity::High,
        evidence: Evidence::Verified,
        note: "Found if the text around it identifies it.",
        revoke: &[
            call(
                "POST https://{environment}/api/v1/tokens/lookup {\"token\":\"…\"} to learn its id",
                "TenantTokenManagement",
            ),
            call("DELETE https://{environment}/api/v1/tokens/{tokenId}", "TenantTokenManagement"),
        ],
        sources: &[from::INSTALLER, from::ACCESS_TOKENS, from::TOKENS_API, from::TOKENS_V1_API],
    },
    Kind {
        id: "dynatrace-legacy-tenant-token",
        prefixes: &[],
        name: "Tenant token in the old format",
        opens: "Reporting data to the environment as a OneAgent or ActiveGate.",
        shape: Shape::Bare { length: 16, dashes: false },
        severity: Severity::Medium,
        evidence: Evidence::Verified,
        note: "Found if the text around it identifies it.",
        revoke: ROTATE_TENANT_TOKEN,
        sources: &[from::INSTALLER, from::TENANT_API, from::ROTATE_TENANT, from::BOOTSTRAPPER],
    },
    Kind {
        id: "dynatrace-managed-cluster-token",
        prefixes: &[],
        name: "Cluster token of Dynatrace Managed in the old format",
        opens: "The whole cluster: its tokens, nodes, environments and settings.",
        shape: Shape::Bare { length: 21, dashes: true },
        severity: Severity::Critical,
        evidence: Evidence::Verified,
        note: "In the new format it begins with dt0c01 and is found as that kind.",
        revoke: &[
            call(
                "PUT https://{cluster}/api/cluster/v1/tokens/{tokenId} {\"revoked\":true}",
                "ClusterTokenManagement",
            ),
            call("DELETE https://{cluster}/api/cluster/v1/tokens/{tokenId}", "ClusterTokenManagement"),
        ],
        sources: &[from::CLUSTER_API, from::CLUSTER_INSTALL],
    },
    Kind {
        id: "dynatrace-managed-license-key",
        prefixes: &[],
        name: "License key of Dynatrace Managed",
        opens: "Registering a Mission Control client for the cluster.",
        shape: Shape::Bare { length: 15, dashes: false },
        severity: Severity::Medium,
        evidence: Evidence::Observed,
        note: "Found as the password of a call to mcsvc.dynatrace.com. The length comes from one documented example.",
        revoke: &[step("ask Dynatrace for a new license key")],
        sources: &[from::MISSION_CONTROL],
    },
    Kind {
        id: "dynatrace-oauth-access-token",
        prefixes: &[],
        name: "OAuth2 access token (JSON Web Token)",
        opens: "What the user or client was granted, for five to ten minutes.",
        shape: Shape::Jwt,
        severity: Severity::Low,
        evidence: Evidence::Verified,
        note: "Known by its issuer or audience, which are read from the token.",
        revoke: &[step(
            "it expires by itself within ten minutes; delete the client if a refresh token leaked with it",
        )],
        sources: &[from::OAUTH_CLIENTS, from::MISSION_CONTROL],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_kinds_share_an_id_or_a_prefix() {
        let mut names: Vec<&str> = KINDS
            .iter()
            .chain([&UNKNOWN])
            .flat_map(|kind| kind.prefixes.iter().copied().chain([kind.id]))
            .collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn each_prefix_has_the_form_of_the_family() {
        for prefix in KINDS.iter().flat_map(|kind| kind.prefixes) {
            assert!(
                matches!(prefix.as_bytes(), [b'd', b't', b'0', b'a'..=b'z', b'0'..=b'9', b'0'..=b'9']),
                "{prefix}"
            );
        }
    }

    #[test]
    fn each_kind_says_how_to_revoke_it_and_where_that_stands() {
        for kind in KINDS {
            assert!(!kind.revoke.is_empty() && !kind.sources.is_empty(), "{}", kind.id);
        }
    }
}
