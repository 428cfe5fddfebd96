# The one image of podgrace: the webhook, the command line, and what the rule init-process puts into Pods
# (/podgrace/tini from an image volume, /podgrace/busybox to copy it where there are none).
#
#   docker build -t podgrace/podgrace:0.1.0 .
#
# Tags can be moved; a release is built from digests. docs/release.md says how to look them up and how to pass them:
#   --build-arg BUILD_IMAGE=docker.io/library/node:24.21.0-trixie-slim@sha256:…
# Distroless has no tags by version, so for RUN_IMAGE the digest is the only way to build the same image twice.
ARG BUILD_IMAGE=docker.io/library/node:24.21.0-trixie-slim
ARG RUN_IMAGE=gcr.io/distroless/nodejs24-debian13:nonroot

# No package runs a script at installation, here or below.
FROM ${BUILD_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/npm-cache npm ci --cache /npm-cache --ignore-scripts --no-audit --no-fund
COPY licenses licenses
COPY packaging packaging
COPY src src
RUN node packaging/bundle.ts

# What runs: Debian's tini and busybox, which are static and so run in any Pod, and the dependencies without the files that
# only people and their tools read, which are half of their size. Licences stay.
FROM ${BUILD_IMAGE} AS dependencies
# Debian 13. The end of a version is Debian's rebuild of the same source: it differs by architecture, and the mirror keeps only
# the newest.
ARG BUSYBOX_VERSION=1:1.37.0-6*
ARG TINI_VERSION=0.19.0-3*
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
    "busybox-static=${BUSYBOX_VERSION}" "tini=${TINI_VERSION}" \
    && for package in busybox-static tini; do \
    folder="/licenses/$package-$(dpkg-query --show --showformat='${Version}' "$package" | tr : _)" \
    && mkdir -p "$folder" && cp -L "/usr/share/doc/$package/copyright" "$folder/" || exit 1; done \
    && cp -L /usr/share/common-licenses/GPL-2 /licenses/busybox-static-*/
WORKDIR /build
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/npm-cache \
    npm ci --cache /npm-cache --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund \
    && find node_modules -type f \( -name '*.ts' -o -name '*.[cm]ts' -o -name '*.map' -o -name '*.md' \
    -o -path '*/docs/*' -o -path '*/test/*' -o -path '*/benchmarks/*' \) \
    -not -iname '*licen[cs]e*' -not -iname '*notice*' -not -iname '*copying*' -delete

FROM ${RUN_IMAGE}
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="podgrace" \
      org.opencontainers.image.description="Every Pod starts, runs and stops gracefully: a Kubernetes admission webhook and command line for the Pod lifecycle." \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production
COPY --from=dependencies /usr/bin/tini-static /podgrace/tini
COPY --from=dependencies /bin/busybox /podgrace/busybox
COPY --from=dependencies /build/node_modules /podgrace/node_modules
COPY deploy/base /podgrace/deploy/base
COPY LICENSE NOTICE package.json /podgrace/
COPY licenses /podgrace/licenses
COPY --from=dependencies /licenses /podgrace/licenses
COPY --from=build /build/dist /podgrace/dist
# By number: `runAsNonRoot` can check no name.
USER 65532:65532
EXPOSE 8443 8081
# The heap follows the memory limit of the container. Node's own default is above a limit of 256 Mi: the kernel would kill
# the process before it collected its garbage. The part for what is new stays small (8 MiB, three times; Node's own default is 16):
# reviews that are judged together would make it grow, and gain nothing by it (docs/performance.md).
ENTRYPOINT ["/nodejs/bin/node", "--max-old-space-size-percentage=60", "--max-semi-space-size=8", "/podgrace/dist/bin/podgrace.js"]
CMD ["serve"]
