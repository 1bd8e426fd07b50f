//! For detect-secrets.

use std::fmt::Write as _;

use super::expression::all;

/// A plugin.
pub(super) fn plugin() -> String {
    let mut text = String::from(
        "import re\n\nfrom detect_secrets.plugins.base import RegexBasedDetector\n\n\n\
         class DynatraceTokenDetector(RegexBasedDetector):\n    \"\"\"Scans for Dynatrace tokens.\"\"\"\n\n    \
         secret_type = 'Dynatrace token'\n\n    denylist = [\n",
    );
    for (kind, expression) in all() {
        // The group is what the tool takes for the secret: the whole token.
        let _infallible =
            writeln!(text, "        # {}\n        re.compile(r'{}'),", kind.name, expression.captured(false));
    }
    text + "    ]\n\n    def analyze_string(self, string):\n        \
            # XXXX was typed, not drawn.\n        \
            return (token for token in super().analyze_string(string) if len(set(token.split('.')[-1])) > 7)\n"
}
