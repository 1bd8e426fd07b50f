//! The tools that take the catalogue as rules of their own, one entry each.

use super::tool::{Family, Tool};
use super::{by_family, by_kind, detect_secrets, git_secrets, gitleaks, masking, own};

const HASH: Option<(&str, &str)> = Some(("# ", ""));
const SLASHES: Option<(&str, &str)> = Some(("// ", ""));
const XML: Option<(&str, &str)> = Some(("<!-- ", " -->"));

/// A scanner that the tests run, whose format has comments with `#`.
const SCANNER: Tool = Tool {
    name: "",
    family: Family::Scanner,
    what: "",
    place: "",
    check: "",
    not_run: "",
    differs: "",
    comment: HASH,
    body: String::new,
    own: None,
};

/// A logger or shipper of the same sort.
const MASKING: Tool = Tool { family: Family::Masking, ..SCANNER };

/// Why Dynatrace's own masking is not tried.
const SERVICE: &str = "it is a service";
/// Why others are not.
const NOT_HAD: &str = "the tests have no package of it";

/// What tools without a filter do.
const NO_FILTER: &str = "It reports fillers such as XXXX, too: it knows expressions only.";
/// What tools do that decode by themselves.
const DECODES: &str = "A token behind %20 is reported twice: as it stands, and decoded.";

/// All of them.
pub const TOOLS: &[Tool] = &[
    Tool {
        name: "git-secrets",
        what: "a provider, one expression a line",
        place: "git secrets --add-provider -- dtguard patterns --for git-secrets",
        check: "git secrets --scan FILE",
        differs: NO_FILTER,
        comment: None,
        body: git_secrets::provider,
        own: Some(own::git_secrets),
        ..SCANNER
    },
    Tool {
        name: "gitleaks",
        what: "a configuration in TOML, beside the rules of its own",
        place: ".gitleaks.toml at the top of the repository",
        check: "gitleaks dir FILE",
        differs: DECODES,
        body: gitleaks::gitleaks,
        own: Some(own::gitleaks),
        ..SCANNER
    },
    Tool {
        name: "betterleaks",
        what: "a configuration of betterleaks 2 in TOML, beside the rules of its own",
        place: ".betterleaks.toml, named by --config or BETTERLEAKS_CONFIG",
        check: "betterleaks fs --config .betterleaks.toml FILE",
        differs: DECODES,
        body: gitleaks::betterleaks,
        own: Some(own::betterleaks),
        ..SCANNER
    },
    Tool {
        name: "trufflehog",
        what: "custom detectors in YAML",
        place: "dynatrace.yaml, named by --config",
        check: "trufflehog filesystem FILE --config=dynatrace.yaml --results=verified,unknown,unverified",
        not_run: NOT_HAD,
        body: by_kind::trufflehog,
        own: Some(own::trufflehog),
        ..SCANNER
    },
    Tool {
        name: "detect-secrets",
        what: "a plugin in Python",
        place: "dynatrace_tokens.py, named by -p",
        check: "detect-secrets scan -p dynatrace_tokens.py FILE",
        body: detect_secrets::plugin,
        ..SCANNER
    },
    Tool {
        name: "talisman",
        what: "custom patterns in YAML",
        place: ".talismanrc at the top of the repository",
        check: "talisman --scan",
        not_run: NOT_HAD,
        body: by_family::talisman,
        ..SCANNER
    },
    Tool {
        name: "grep",
        what: "expressions for grep -E, one a line",
        place: "a file, named by -f",
        check: "grep -E -f FILE LOG, and git grep -E -f FILE",
        differs: NO_FILTER,
        comment: None,
        body: by_family::grep,
        own: Some(own::grep),
        ..SCANNER
    },
    Tool {
        name: "kingfisher",
        what: "rules of kingfisher, in YAML",
        place: "dynatrace.yml, named by --rules-path, with --exclude-rule betterleaks.dynatrace-api-token, \
                which would report access tokens once more",
        check: "kingfisher scan FILE --rules-path dynatrace.yml --exclude-rule \
                betterleaks.dynatrace-api-token --no-validate",
        body: by_kind::kingfisher,
        own: Some(own::kingfisher),
        ..SCANNER
    },
    Tool {
        name: "noseyparker",
        what: "rules of Nosey Parker, in YAML",
        place: "dynatrace.yml, named by --rules-path, with --ruleset all",
        check: "noseyparker rules check dynatrace.yml",
        not_run: NOT_HAD,
        body: by_kind::noseyparker,
        own: Some(own::noseyparker),
        ..SCANNER
    },
    Tool {
        name: "semgrep",
        what: "rules of semgrep and opengrep, in YAML",
        place: "dynatrace.yml, named by --config",
        check: "semgrep scan --config dynatrace.yml FILE, or opengrep",
        body: by_kind::semgrep,
        own: Some(own::semgrep),
        ..SCANNER
    },
    Tool {
        name: "secretlint",
        what: "the rule @secretlint/secretlint-rule-pattern, in YAML",
        place: ".secretlintrc.yml at the top of the repository, after npm install -D \
                @secretlint/secretlint-rule-pattern",
        check: "npx secretlint FILE",
        body: by_kind::secretlint,
        ..SCANNER
    },
    Tool {
        name: "trivy",
        what: "rules of Trivy, in YAML",
        place: "trivy-secret.yaml, or the file that --secret-config names",
        check: "trivy fs --scanners secret FOLDER",
        body: by_kind::trivy,
        own: Some(own::trivy),
        ..SCANNER
    },
    Tool {
        name: "ripsecrets",
        what: "a call of ripsecrets with its patterns, as a script",
        place: "ripsecrets.sh, which is called in place of ripsecrets",
        check: "sh ripsecrets.sh FILE",
        differs: "Where a line begins with a name such as token, its own pattern comes first, and drops what it \
                  does not find random. It reports fillers, too.",
        body: by_family::ripsecrets,
        ..SCANNER
    },
    Tool {
        name: "pygrep",
        what: "a hook of pre-commit that needs no program",
        place: ".pre-commit-config.yaml, under repos:",
        check: "pre-commit run dynatrace-tokens --files FILE",
        body: by_family::pygrep,
        ..SCANNER
    },
    Tool {
        name: "github",
        what: "custom patterns of GitHub's secret scanning, to type",
        place: "Settings > Advanced Security > Custom patterns > New pattern, one for each; what stands before \
                and after a secret under More options",
        check: "Save and dry run",
        differs: "The tests run the expressions by Hyperscan, not by GitHub, which uses a part of it.",
        body: by_family::github,
        ..SCANNER
    },
    Tool {
        name: "gitlab",
        what: "a custom ruleset of GitLab's secret detection, in TOML",
        place: ".gitlab/secret-detection-ruleset.toml on the default branch",
        check: "a pipeline with Secret-Detection.gitlab-ci.yml on a branch with a token",
        differs: "The tests run the passed rules by gitleaks, not by GitLab. A token behind %20 is reported twice: \
                  as it stands, and decoded.",
        body: gitleaks::gitlab,
        ..SCANNER
    },
    Tool {
        name: "sed",
        what: "a script for sed -E",
        place: "mask.sed: sed -E -f mask.sed app.log",
        check: "echo TOKEN | sed -E -f mask.sed",
        body: masking::sed,
        own: Some(own::sed),
        ..MASKING
    },
    Tool {
        name: "python-logging",
        what: "a formatter for Python's logging",
        place: "dynatrace_mask.py, named in dictConfig as \"()\": \"dynatrace_mask.Formatter\"; or call \
                dynatrace_mask.install() after the logging is set up",
        check: "python -c \"import dynatrace_mask as m; print(m.mask('TOKEN'))\"",
        body: masking::python,
        ..MASKING
    },
    Tool {
        name: "log4j2",
        what: "a PatternLayout of Log4j 2",
        place: "log4j2.xml, in each appender; your pattern may stay, what masks is <replace>",
        check: "log a token, also as the message of an exception",
        comment: XML,
        body: masking::log4j2,
        ..MASKING
    },
    Tool {
        name: "logback",
        what: "an encoder of Logback",
        place: "logback.xml, in each appender; put your pattern between %replace( and ), with %ex in it",
        check: "log a token, also as the message of an exception",
        comment: XML,
        body: masking::logback,
        ..MASKING
    },
    Tool {
        name: "pino",
        what: "options of pino 9 or newer, as a module for Node",
        place: "dynatrace-mask.cjs: pino({...require('./dynatrace-mask.cjs').options})",
        check: "log a token, also in an error and in a nested object",
        comment: SLASHES,
        body: masking::pino,
        ..MASKING
    },
    Tool {
        name: "winston",
        what: "a format of winston, as a module for Node",
        place: "dynatrace-mask.cjs, as the last of format.combine(..., require('./dynatrace-mask.cjs').format)",
        check: "log a token, also in an error and in a nested object",
        comment: SLASHES,
        body: masking::winston,
        ..MASKING
    },
    Tool {
        name: "syslog-ng",
        what: "a rewrite rule of syslog-ng",
        place: "/etc/syslog-ng/conf.d/dynatrace.conf; then rewrite(r_dynatrace_tokens); in each log path",
        check: "syslog-ng --syntax-only, then logger TOKEN",
        body: masking::syslog_ng,
        ..MASKING
    },
    Tool {
        name: "rsyslog",
        what: "a ruleset and a template of rsyslog",
        place: "/etc/rsyslog.d/10-dynatrace.conf; then call dynatrace_tokens before your actions, which write \
                with template=\"dynatrace_masked\" or another one that has $!masked for msg",
        check: "rsyslogd -N1, then logger TOKEN",
        body: masking::rsyslog,
        ..MASKING
    },
    Tool {
        name: "nginx",
        what: "a log_format of nginx",
        place: "/etc/nginx/conf.d/dynatrace.conf; then access_log FILE dynatrace_masked;",
        check: "nginx -t, then curl 'http://localhost/?api-token=TOKEN'",
        differs: "A request with more than three tokens, and a referrer or user agent with one, are masked whole.",
        body: masking::nginx,
        ..MASKING
    },
    Tool {
        name: "haproxy",
        what: "a log-format of HAProxy",
        place: "haproxy.cfg, in each frontend of mode http",
        check: "haproxy -c -f haproxy.cfg, then curl 'http://localhost/?api-token=TOKEN'",
        body: masking::haproxy,
        ..MASKING
    },
    Tool {
        name: "fluent-bit",
        what: "a Lua filter of Fluent Bit",
        place: "dynatrace_mask.lua; then a filter: name lua, match *, script dynatrace_mask.lua, call mask_record",
        check: "echo TOKEN | fluent-bit -i stdin -F lua -p script=dynatrace_mask.lua -p call=mask_record -m '*' \
                -o stdout",
        differs: "The tests run the script by LuaJIT, which Fluent Bit has in it, not by Fluent Bit.",
        comment: Some(("-- ", "")),
        body: masking::fluent_bit,
        ..MASKING
    },
    Tool {
        name: "fluentd",
        what: "a filter of Fluentd",
        place: "fluent.conf, before each <match>; for another field than message name that one",
        check: "fluentd --dry-run, then log a token",
        differs: "The tests run the expression by Ruby, as record_transformer does, not by Fluentd.",
        body: masking::fluentd,
        ..MASKING
    },
    Tool {
        name: "logstash",
        what: "a filter of Logstash",
        place: "/etc/logstash/conf.d/, after the filters that parse; add further fields to gsub",
        check: "logstash --config.test_and_exit, then log a token",
        differs: "The tests run the expression by Ruby, as gsub does, not by Logstash.",
        body: masking::logstash,
        own: Some(own::logstash),
        ..MASKING
    },
    Tool {
        name: "vector",
        what: "the source of a remap transform of Vector, in VRL",
        place: "dynatrace.vrl; then a transform: type: remap, file: dynatrace.vrl",
        check: "vector vrl --program dynatrace.vrl --input EVENT.json --print-object",
        differs: "The tests run the program by VRL, not by Vector.",
        body: masking::vector,
        own: Some(own::vector),
        ..MASKING
    },
    Tool {
        name: "otel",
        what: "a transform processor of the OpenTelemetry Collector",
        place: "the collector's configuration; then transform/dynatrace_tokens in each pipeline of logs. The \
                redaction processor cannot keep the identifier: it masks all that matches",
        check: "otelcol-contrib validate --config FILE, then log a token",
        not_run: "the collector that the tests have is without this processor",
        body: masking::otel,
        ..MASKING
    },
    Tool {
        name: "otel-filelog",
        what: "an operator of the OpenTelemetry Collector's filelog receiver",
        place: "the collector's configuration, in a receiver that has operators (filelog, syslog, tcplog, \
                journald), as the last ones; it masks a body that is text",
        check: "otelcol-contrib validate --config FILE, then log a token",
        body: masking::otel_filelog,
        ..MASKING
    },
    Tool {
        name: "splunk",
        what: "a SEDCMD of Splunk",
        place: "props.conf where the data is parsed (heavy forwarder or indexer); name your source types",
        check: "index a token and search for it",
        differs: "The tests run the expression by Perl, whose dialect it is, not by Splunk.",
        body: masking::splunk,
        own: Some(own::splunk),
        ..MASKING
    },
    Tool {
        name: "oneagent",
        what: "two rules of OneAgent's sensitive data masking, as a script of curl calls",
        place: "run it once with DT_ENVIRONMENT (abc12345.live.dynatrace.com) and DT_TOKEN (scope \
                settings.write), or type the rules at Settings > Log Monitoring > Sensitive data masking",
        check: "log a token on a host with OneAgent, and search for it",
        not_run: SERVICE,
        body: masking::oneagent,
        ..MASKING
    },
    Tool {
        name: "openpipeline",
        what: "a DQL processor of Dynatrace's OpenPipeline",
        place: "Settings > Process and contextualize > OpenPipeline > Logs > Pipelines > Processing > DQL; \
                matching condition: true",
        check: "Run sample data, with a token as content",
        not_run: SERVICE,
        comment: SLASHES,
        body: masking::openpipeline,
        ..MASKING
    },
];

/// The tool that is called `name`.
pub fn tool_named(name: &str) -> Option<&'static Tool> {
    TOOLS.iter().find(|tool| tool.name == name)
}
