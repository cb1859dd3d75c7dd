# Stop Press, one image for every service: web, workers, beat, init.
FROM python:3.11-slim-bookworm AS build
WORKDIR /app
COPY requirements/main.lock requirements/main.lock
RUN python -m venv /venv \
 && /venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check \
    --require-hashes --only-binary=:all: -r requirements/main.lock
COPY pyproject.toml README.md LICENSE ./
COPY mailer mailer
COPY workers workers
COPY templates templates
# Editable: the templates lie beside the packages, here as in a checkout.
RUN /venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check \
    --no-deps --no-build-isolation --editable . \
 && /venv/bin/python -m compileall -q mailer workers

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin mailer \
 && install -d -o mailer -g mailer -m 0700 /secrets
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
USER 10001
ENV PATH=/venv/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
EXPOSE 8000
STOPSIGNAL SIGTERM
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", \
     "--workers", "2", "--blocking-threads", "4", "--no-ws", \
     "mailer.wiring.wsgi:application"]
