// Runs dump.py in the CPython that the npm package "pyodide" carries (314.* is CPython 3.14), for
// a machine that has no such Python: npm install pyodide@314.0.7 && node dump_pyodide.mjs
import { readFileSync } from "node:fs";
import { loadPyodide } from "pyodide";

const python = await loadPyodide();
await python.loadPackage("unicodedata", { messageCallback: () => {} }).catch(() => {});
python.setStdout({ batched: (line) => process.stdout.write(line + "\n") });
python.runPython(readFileSync(new URL("dump.py", import.meta.url), "utf8"));
