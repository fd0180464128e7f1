# authconform in a container, as whoever may write to the folder:
# docker run --rm -u "$(id -u):$(id -g)" -v "$PWD:/work" -e NOTES_TOKEN authconform run --target staging.yaml
FROM python:3.11-slim AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY harness harness
COPY reference_server reference_server
COPY suites suites
COPY specs specs
RUN pip wheel --quiet --no-deps --wheel-dir /wheels .

FROM python:3.11-slim
COPY requirements.txt /tmp/requirements.txt
COPY --from=build /wheels /tmp/wheels
RUN pip install --quiet --no-cache-dir --require-hashes -r /tmp/requirements.txt \
 && pip install --quiet --no-cache-dir --no-deps /tmp/wheels/*.whl \
 && rm -r /tmp/requirements.txt /tmp/wheels \
 && useradd --create-home authconform \
 && install --directory --owner authconform /work
USER authconform
WORKDIR /work
# the first process of a container ends by a signal only where it handles it, and SIGINT every command does
STOPSIGNAL SIGINT
ENTRYPOINT ["authconform"]
CMD ["--help"]
