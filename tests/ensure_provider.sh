#!/usr/bin/env bash
# A real identity provider for the test of the sign-in: the npm package oidc-provider, in build/, where Node is there.
# Without it that one test module says loudly that it is skipped. The tests themselves never leave this machine.
set -u
cd "$(dirname "$0")/.."
version=9.13.3
folder=build/oidc-provider

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
  echo "no node and npm: the test against a real identity provider is skipped"
  exit 0
fi
if ! grep -qs "\"version\": \"$version\"" "$folder/node_modules/oidc-provider/package.json"; then
  mkdir -p "$folder"
  npm install --prefix "$folder" --ignore-scripts --no-audit --no-fund --no-save --silent "oidc-provider@$version" ||
    echo "npm could not install oidc-provider $version: the test against a real identity provider is skipped"
fi
