# The action's image: one static program, nothing else.
# The tag says what it is, the digest which; Dependabot moves both, together with rust-toolchain.toml.
FROM rust:1.95.0-slim-bookworm@sha256:d7482085ff5b415f84dba5647ae71606650bdef00db7aeb69f4b3d170c3e4082 AS build
WORKDIR /build
# Linked statically against glibc. The target is named so that build scripts and macros are not.
# The relocations are packed: that alone is 160 kB. The tables for unwinding are left out, half a megabyte of a program that
# never unwinds, but for the unwinder's own: without those, a library that captures a backtrace with an error would abort.
# Only GNU ld can tell them apart.
RUN echo 'SECTIONS { /DISCARD/ : { *(EXCLUDE_FILE(*libgcc_eh.a:*) .eh_frame) *(EXCLUDE_FILE(*libgcc_eh.a:*) .gcc_except_table*) } } INSERT AFTER .text;' > /unwind.ld
ENV RUSTFLAGS="-C target-feature=+crt-static -C link-arg=-fuse-ld=bfd -C link-arg=-Wl,-T,/unwind.ld -C link-arg=-Wl,-z,pack-relative-relocs"
RUN rustc -vV | sed -n 's/^host: //p' > /target

# The dependencies are a layer of their own: stubs stand for the sources, so that it lasts until a manifest changes.
COPY Cargo.toml Cargo.lock ./
COPY fuzz/Cargo.toml fuzz/
COPY tests/support/Cargo.toml tests/support/
RUN mkdir -p src fuzz/src tests/support/src \
 && echo 'fn main() {}' > src/main.rs \
 && touch src/lib.rs fuzz/src/lib.rs tests/support/src/lib.rs \
 && cargo build --release --locked --target "$(cat /target)"

# What its texts name as its home.
ARG SOURCE=https://github.com/org/ghcr-auth
ENV GHCR_AUTH_SOURCE=$SOURCE

# The copies keep their dates, which may be older than the stubs'.
COPY src src
RUN find src -name '*.rs' -exec touch {} + \
 && cargo build --release --locked --target "$(cat /target)" \
 && mkdir /image \
 && cp "target/$(cat /target)/release/ghcr-auth" /image/ \
 && ln -s ghcr-auth /image/ghcr-auth-post

FROM scratch
ARG SOURCE=https://github.com/org/ghcr-auth
LABEL org.opencontainers.image.source=$SOURCE \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
# No USER: the runner mounts directories of another user, which only root may write to and give back.
COPY --from=build /image/ /
ENTRYPOINT ["/ghcr-auth"]
