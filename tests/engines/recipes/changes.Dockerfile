# Every way in which a path can change, each in a layer of its own.
ARG BASE
FROM $BASE
RUN mkdir -p /e/dir /e/opq/sub/deep /e/d2f /e/d2l /e/keep/sub /e/gone && cd /e \
 && for i in 1 2 3 4; do for d in dir opq d2f d2l gone; do echo "$d $i" > $d/f$i; done; done \
 && echo deep > opq/sub/deep/file && echo k > keep/sub/k && echo same > opq/same \
 && echo file > f2d && echo file > f2l && ln -s keep l2d && ln -s f2l l2f && : > empty && mkdir emptydir
RUN rm -rf /e/opq && mkdir /e/opq && echo new > /e/opq/n1 && echo same > /e/opq/same
RUN rm -rf /e/gone && rm /e/dir/f1 && rm -r /e/keep/sub
RUN mkdir /e/gone && chmod 700 /e/gone && echo back > /e/dir/f1
# File, directory and symlink, each to each.
RUN cd /e && rm -rf d2f d2l f2d f2l l2d l2f && echo now > d2f && ln -s dir d2l && mkdir f2d && echo in > f2d/in \
 && ln -s dir/f2 f2l && mkdir l2d && echo in > l2d/in && echo in > l2f
RUN cd /e && rm -rf d2f d2l f2d f2l l2d l2f && ln -s dir d2f && mkdir d2l && echo in > d2l/in && ln -s dir f2d \
 && mkdir f2l && mkfifo l2d && mkdir l2f
# Hard links: in one layer, across directories, to a lower layer's file, of a symlink, parted again.
RUN mkdir -p /e/hl/sub && cd /e/hl && echo one > a && ln a b && ln a sub/c && ln -s a sym && ln sym symtoo
RUN ln /e/dir/f2 /e/dir/f2.link && ln /bin/busybox /e/busybox
RUN cd /e/hl && rm b && echo parted > sub/c2 && mv -f sub/c2 sub/c
RUN chmod 4755 /e/busybox && chmod 600 /e/hl/a
# Directories that move, symlinked directories, and what is written through them.
RUN mv /e/dir /e/moved && mkdir /e/real && ln -s real /e/via && ln -s /e/real /e/abs && echo 1 > /e/via/t1
RUN rm /e/via/t1 && echo 2 > /e/abs/t2 && ln -s nowhere /e/dangling && ln -s loop /e/loop
# Modes, owners, times.
RUN mkdir /e/modes && cd /e/modes && for m in 0000 0400 0755 1777 2755 4755 6755 7777; do \
      echo $m > f$m && mkdir d$m && chmod $m f$m d$m; done && chown 1000:2000 f0400 && chown 3000000:4000000000 f0755
RUN chown -R 33:33 /e/modes && chmod 4711 /e/modes/f0755
RUN touch -d '1971-01-01 00:00:00' /e/moved/f3 && touch -d '2035-01-01 00:00:00' /e/emptydir && touch -h -d '2001-01-01 00:00:00' /e/via
# Names that are hard to print, and two of them deleted.
RUN mkdir /e/names && cd /e/names && for name in ' lead' 'trail ' -dash "quote\"'" 'back\\slash' percent%%20 wh.fake \
      'tab-\011-' 'newline-\012-' 'escape-\033[31m' 'latin1-\351' 'bad-\377\376' 'uni-\303\251' 'uni-e\314\201' 'c1-\302\205' \
      'cjk-\345\261\244'; do : > "$(printf "./$name.")"; done \
 && : > $(printf 'a%.0s' $(seq 255)) && p=$(printf 'deeeeeeeeeeep/%.0s' $(seq 30)) && mkdir -p $p && echo deep > $p/file
RUN cd /e/names && rm "$(printf 'bad-\377\376.')" "$(printf 'newline-\012-.')"
# Special files, a sparse one, the base's own files.
RUN mkdir /e/dev && cd /e/dev && mkfifo fifo && mknod null c 1 3 && mknod block b 7 0 && truncate -s 3M sparse
RUN rm /bin/vi && chmod 750 /root && rm -rf /home && echo changed > /etc/passwd
RUN true
