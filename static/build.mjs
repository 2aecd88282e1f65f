// Builds static/dist/ (which git ignores) from NHS.UK frontend and static/scss. Run by `npm run build`.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile } from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "dist");
const nhsuk = join(dirname(createRequire(import.meta.url).resolve("nhsuk-frontend/package.json")), "dist/nhsuk");

/** Replace the literals of the :root block that lists them by the custom properties that name them there. */
function useTokens(css) {
  const start = css.lastIndexOf(":root{", css.indexOf("--hiu-brand:"));
  const end = css.indexOf("}", start) + 1;
  const list = css.slice(start, end);
  const names = new Map();
  for (const [, name, literal] of list.matchAll(/(--hiu-[\w-]+): ?(#[0-9a-f]{6})/g)) {
    names.set(literal, name);
  }
  const swap = (text) =>
    text.replace(/#[0-9a-f]{6}\b/g, (hex) => (names.has(hex) ? `var(${names.get(hex)})` : hex));
  return swap(css.slice(0, start)) + list + swap(css.slice(end));
}

function buildStyles() {
  const { css } = compile(join(here, "scss/hiu.scss"), {
    loadPaths: [join(nhsuk, "../../..")],
    quietDeps: true,
    style: "compressed",
  });
  const built = useTokens(css);
  if (/https?:|@font-face/.test(built)) {
    throw new Error("hiu.css must not fetch anything from elsewhere");
  }
  writeFileSync(join(dist, "hiu.css"), built);
  for (const [, icon] of built.matchAll(/url\("?images\/([\w-]+\.svg)"?\)/g)) {
    cpSync(join(nhsuk, "assets/images", icon), join(dist, "images", icon));
  }
}

function copyScript() {
  const script = readFileSync(join(nhsuk, "nhsuk-frontend.min.js"), "utf8");
  // The source map stays behind, so its address must not be left for the static files manifest to miss.
  writeFileSync(join(dist, "nhsuk-frontend.min.js"), script.replace(/\/\/# sourceMappingURL=.*$/m, ""));
}

rmSync(dist, { recursive: true, force: true });
mkdirSync(join(dist, "images"), { recursive: true });
buildStyles();
copyScript();
