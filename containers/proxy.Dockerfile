# The proxy in front: TLS, and nothing else. Build it as containers/web.Dockerfile.
ARG BASE=caddy:2.10.2-alpine

FROM ${BASE}
# Certificates lie in a volume, which takes its owner from here.
RUN install -d -o 10001 -g 10001 /var/lib/caddy
COPY containers/Caddyfile /etc/caddy/Caddyfile
ENV HOME=/tmp \
    XDG_DATA_HOME=/var/lib/caddy \
    XDG_CONFIG_HOME=/tmp
USER 10001:10001
EXPOSE 8080 8443
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 \
    CMD ["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8081/healthz"]
CMD ["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]
