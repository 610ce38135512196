# One image for every container; SERVICES says which service files one of them runs.
FROM node:24-slim AS dependencies
WORKDIR /postbox
COPY .npmrc package.json package-lock.json ./
RUN npm ci --omit=dev

FROM node:24-slim
ENV NODE_ENV=production ENVIRONMENT=production
# Where memory is plenty, V8 lets 400 MB gather before it tidies; a worker under load keeps about 40 MB of objects.
ENV NODE_OPTIONS="--max-old-space-size=192 --max-semi-space-size=8"
WORKDIR /postbox
COPY --from=dependencies /postbox/node_modules node_modules
COPY . .
USER node
EXPOSE 3000 9000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
  CMD ["node", "cli/healthcheck.ts"]
CMD ["node_modules/.bin/moleculer-runner-esm", "--config", "moleculer.config.ts"]
