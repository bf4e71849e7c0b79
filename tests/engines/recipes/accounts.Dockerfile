# Each instruction wastes files of known sizes (test_live_docker.py holds the arithmetic).
ARG BASE
FROM $BASE
COPY files /w/
RUN chown -R 7:8 /w/owned
RUN chmod 600 /w/moded
RUN touch -d '2001-02-03 04:05:06' /w/touched
RUN rm /w/deleted
COPY other-content /w/overwritten
RUN ln /w/linked /w/linked.too
ENV STEP=empty
RUN mv /w/moved /w/elsewhere
RUN rm -rf /w/emptied && mkdir /w/emptied && echo new > /w/emptied/new
RUN echo more >> /w/appended
RUN cp /w/again /tmp/again && cat /tmp/again > /w/again && rm /tmp/again
RUN rm -rf /w/replaced && echo 'was a directory' > /w/replaced
RUN rm /w/linked
RUN true
RUN rm /w/owned/second
LABEL step=empty
RUN rm -r /w/elsewhere
