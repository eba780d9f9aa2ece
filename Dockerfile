# One recipe for all domains: `docker build --build-arg DOMAIN=orders .`
# The dashboard is made like a domain, on requirements of its own.
FROM python:3.13-slim-bookworm

# Logs appear at once; the file system is read-only, so the bytecode is made here and never at run time. That of the
# standard library too, which the image comes without: made at each start, it took the suite 80 MB and more time.
# Two heaps are enough for a few threads; the default keeps one for each, and their leftovers.
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 MALLOC_ARENA_MAX=2

# A number above those of the system's users; the data folder gives a new volume its owner.
RUN useradd --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin app \
    && install -d -o app -g app -m 700 /data

# greenlet, under gevent, is written in C++. Debian's images have the library for it, since apt needs it; an image of
# Python that was made smaller may not, and gets it from the other image of the suite that is made on this Debian.
COPY --from=redis:7.4-bookworm /usr/lib/*-linux-gnu/libstdc++.so.6.* /usr/local/lib/

# One layer that all domains share, made anew only when the locked requirements change. Wheels alone: no
# compiler is needed on any architecture.
WORKDIR /app
ARG REQUIREMENTS=requirements.txt
COPY ${REQUIREMENTS} requirements.txt
RUN ldconfig && pip install --no-cache-dir --disable-pip-version-check --root-user-action=ignore \
    --only-binary :all: --require-hashes -r requirements.txt \
    && python -m compileall -q "$(python -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')"

ARG DOMAIN
COPY chassis chassis
COPY ${DOMAIN} ${DOMAIN}
# A checkout may be readable by its owner alone.
RUN chmod -R a+rX . && python -m compileall -q .

USER app
ENV DATA_DIR=/data
