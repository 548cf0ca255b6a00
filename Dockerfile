# One image for every role: `telecrew bot`, `telecrew collector`, `telecrew run`, ...

FROM python:3.11-slim AS build
WORKDIR /source
RUN python -m venv /opt/telecrew
COPY requirements.lock .
RUN /opt/telecrew/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .
RUN /opt/telecrew/bin/pip install --no-cache-dir --no-deps .

FROM python:3.11-slim
# libcurl4: for the embedded MongoDB, where MONGODB_URI is empty.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libcurl4 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home telecrew \
    && install -d -o telecrew -g telecrew -m 0700 /data
COPY --from=build /opt/telecrew /opt/telecrew
ENV PATH=/opt/telecrew/bin:$PATH PYTHONUNBUFFERED=1 DATA_DIR=/data
USER telecrew
WORKDIR /data
VOLUME /data
STOPSIGNAL SIGTERM
ENTRYPOINT ["telecrew"]
CMD ["run"]
