# Two stages; the second takes from the first.
ARG BASE
FROM $BASE AS build
WORKDIR /src
COPY files/owned /src/in
RUN mkdir -p out/bin out/share && cat in/* > out/bin/program && chmod 4755 out/bin/program \
 && ln out/bin/program out/bin/alias && ln -s bin/program out/start && chown -R 5:6 out/share
RUN rm -rf in && echo log > build.log
FROM $BASE
COPY --from=build /src/out /opt/program
COPY --from=build --chown=9:10 /src/out/bin/program /opt/owned
RUN rm /opt/program/start && mv /opt/program/share /opt/share
USER 9
