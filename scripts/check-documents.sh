#!/usr/bin/env bash
# Holds the documents that services serve to what common tools say of them: linters must find nothing, and clients that
# generators make must compile. The tools bring hundreds of packages, so they are installed here and not with the project.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/prepare.sh

tools=.cache/document-tools
wanted="@redocly/cli@2.77.0 @stoplight/spectral-cli@6.16.3 @asyncapi/parser@3.6.6 typescript@5.9.3
openapi-typescript@7.13.0 openapi-fetch@0.17.0 @hey-api/openapi-ts@0.99.0"
if [ "$(cat "$tools/.installed" 2>/dev/null)" != "$wanted" ]; then
  say "installing the tools that check documents into $tools"
  rm -rf "$tools"
  mkdir -p "$tools"
  printf '{ "name": "document-tools", "private": true, "type": "module" }' >"$tools/package.json"
  npm install --prefix "$tools" --ignore-scripts --legacy-peer-deps --no-audit --no-fund --loglevel=error $wanted
  printf '%s' "$wanted" >"$tools/.installed"
fi

rm -rf "$tools/documents" "$tools/clients"
node scripts/write-documents.ts "$tools/documents"
cd "$tools"
mkdir clients
bin=node_modules/.bin

# Exceptions, with their reasons:
# - info-license, info-contact: the API is its operator's, who has terms and an address of their own.
# - operation-4xx-response: an operation that takes nothing from anybody has no such answer.
# - operation-description: the summary says all; a second text beside it would repeat it.
printf '{ "extends": "spectral:oas", "rules": { "info-contact": "off", "operation-description": "off" } }' >.spectral.json
"$bin/redocly" lint --extends recommended --max-problems 50 --format stylish \
  --skip-rule info-license --skip-rule operation-4xx-response documents/*.openapi.json 2>&1 | tee redocly.log
! grep -qE '^ +[0-9]+:[0-9]+ +(warning|error) ' redocly.log || fail "Redocly finds faults in the documents, as above."
"$bin/spectral" lint --ruleset .spectral.json --fail-severity hint documents/*.openapi.json

cat >asyncapi.js <<'JS'
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const { diagnostics } = await new Parser().parse(readFileSync("documents/asyncapi.json", "utf8"));
for (const { code, message, path } of diagnostics) console.error(`${path.join(".")}: ${message} (${code})`);
process.exit(diagnostics.length > 0 ? 1 : 0);
JS
node asyncapi.js

for document in documents/*.openapi.json; do
  name=$(basename "$document" .openapi.json)
  "$bin/openapi-typescript" "$document" --output "clients/$name.d.ts" >/dev/null
  "$bin/openapi-ts" --input "./$document" --output "clients/$name" --silent
done
cat >clients/calls.ts <<'TS'
import createClient from "openapi-fetch";
import type { paths as Auth } from "./auth.v1.d.ts";
import type { paths as Users } from "./users.v1.d.ts";

const auth = createClient<Auth>({ baseUrl: "http://localhost:3000" });
const users = createClient<Users>({ baseUrl: "http://localhost:3000" });
const login = await auth.POST("/auth/v1/login", { body: { username: "ada", password: "a password" } });
const token: string | undefined = login.data?.access_token;
const me = await users.GET("/users/v1/me", { headers: { Authorization: `Bearer ${token}` } });
export const name: string | undefined = me.data?.username;
export const refreshed = await auth.POST("/auth/v1/token/refresh", {});
TS
cat >clients/tsconfig.json <<'JSON'
{
  "compilerOptions": {
    "noEmit": true, "strict": true, "module": "nodenext", "target": "es2022", "skipLibCheck": false,
    "allowImportingTsExtensions": true, "lib": ["es2023", "dom", "dom.iterable"], "types": []
  }
}
JSON
"$bin/tsc" --project clients
say "documents: linters find nothing, and the generated clients compile"
