//! Rules that mask the secret parts in logs. Each is a file in `masking/` as its tool reads it,
//! with names for the parts of the expression.

use super::expression;
use crate::find::MASK;

macro_rules! templates {
    ($($name:ident: $($file:literal)+;)+) => {$(
        pub(super) fn $name() -> String {
            filled(concat!($(include_str!(concat!("masking/", $file))),+))
        }
    )+};
}

templates! {
    sed: "sed.sed";
    python: "python.py";
    log4j2: "log4j2.xml";
    logback: "logback.xml";
    pino: "node.cjs" "pino.cjs";
    winston: "node.cjs" "winston.cjs";
    syslog_ng: "syslog-ng.conf";
    rsyslog: "rsyslog.conf";
    nginx: "nginx.conf";
    haproxy: "haproxy.cfg";
    fluent_bit: "fluent-bit.lua";
    fluentd: "fluentd.conf";
    logstash: "logstash.conf";
    vector: "vector.vrl";
    otel: "otel.yaml";
    otel_filelog: "otel-filelog.yaml";
    splunk: "splunk.conf";
    oneagent: "oneagent.sh";
    openpipeline: "openpipeline.dql";
}

/// `template` with what its names stand for.
fn filled(template: &str) -> String {
    let parts = expression::masking().into_iter().chain([("@MASK@", MASK.to_owned())]);
    parts.fold(template.to_owned(), |text, (name, part)| text.replace(name, &part))
}
