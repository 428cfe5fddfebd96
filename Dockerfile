# The one image of podgrace: the webhook, the command line, and what the rule init-process puts into Pods
# (/podgrace/tini from an image volume, /podgrace/busybox to copy it where there are none).
#
#   docker build -t podgrace/podgrace:0.1.0 .
ARG BUILD_IMAGE=docker.io/library/node:24-trixie-slim
ARG RUN_IMAGE=gcr.io/distroless/nodejs24-debian13:nonroot

# No package runs a script at installation, here or below.
FROM ${BUILD_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/npm-cache npm ci --cache /npm-cache --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN npx tsc -p tsconfig.build.json --declaration false --sourceMap false

# What runs: Debian's static tini and busybox, which do so in any Pod, and the dependencies without what only people and
# their tools read. That is half of their size.
FROM ${BUILD_IMAGE} AS dependencies
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends busybox-static tini
WORKDIR /build
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/npm-cache \
    npm ci --cache /npm-cache --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund \
    && find node_modules -type f \( -name '*.ts' -o -name '*.[cm]ts' -o -name '*.map' -o -name '*.md' \
    -o -path '*/docs/*' -o -path '*/test/*' -o -path '*/benchmarks/*' \) -delete

FROM ${RUN_IMAGE}
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="podgrace" \
      org.opencontainers.image.description="Every Pod starts, runs and stops gracefully: a Kubernetes admission webhook, command line and auditor for the Pod lifecycle." \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production
COPY --from=dependencies /usr/bin/tini-static /podgrace/tini
COPY --from=dependencies /bin/busybox /podgrace/busybox
COPY --from=dependencies /build/node_modules /podgrace/node_modules
COPY deploy/base /podgrace/deploy/base
COPY LICENSE package.json /podgrace/
COPY --from=build /build/dist /podgrace/dist
# By number: `runAsNonRoot` can check no name.
USER 65532:65532
EXPOSE 8443 8081
# The heap follows the memory limit of the container. Node's own default is above a limit of 256 Mi: the kernel would kill
# the process before it collected its garbage.
ENTRYPOINT ["/nodejs/bin/node", "--max-old-space-size-percentage=60", "/podgrace/dist/bin/podgrace.js"]
CMD ["serve"]
