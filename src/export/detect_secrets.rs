//! For detect-secrets: `detect-secrets scan -p dynatrace_tokens.py`.

use std::fmt::Write as _;

use super::expression::{all, left_out};

/// A plugin.
pub(super) fn plugin() -> String {
    let mut text = String::from(
        "\"\"\"Dynatrace tokens, printed by: dtguard patterns --for detect-secrets\n\n\
         Use: detect-secrets scan -p dynatrace_tokens.py\n\n\
         Left out, because only the text around them identifies them:\n",
    );
    text += &left_out("  ");
    text += "\"\"\"\nimport re\n\nfrom detect_secrets.plugins.base import RegexBasedDetector\n\n\n\
             class DynatraceTokenDetector(RegexBasedDetector):\n    \"\"\"Scans for Dynatrace tokens.\"\"\"\n\n    \
             secret_type = 'Dynatrace token'\n\n    denylist = [\n";
    for (kind, expression) in all() {
        // The group is what the tool takes for the secret: the whole token.
        let regex = format!("({})", expression.plain().replace('(', "(?:"));
        let _infallible = writeln!(text, "        # {}\n        re.compile(r'{regex}'),", kind.name);
    }
    text + "    ]\n"
}
