# layerscope's own image: docker build -t layerscope .
#   docker run --rm layerscope registry:my-app:latest --ci
#   docker save my-app:latest | docker run --rm -i layerscope - --ci
# BASE is any image with Python 3.11 or newer, its venv and its pip; both stages need the same one.
ARG BASE=python:3.13-slim

FROM ${BASE} AS build
RUN python3 -m venv /pip && python3 -m venv --without-pip /opt/layerscope
COPY pyproject.toml LICENSE /src/
COPY layerscope /src/layerscope
RUN /pip/bin/pip --python /opt/layerscope/bin/python install --no-cache-dir /src

FROM ${BASE}
COPY --from=build /opt/layerscope /opt/layerscope
# Nobody's: it needs no home, no group, and writes only where it is told to.
USER 65534:65534
ENTRYPOINT ["/opt/layerscope/bin/layerscope"]
CMD ["--help"]
