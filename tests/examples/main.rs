//! `examples/workflows` as their readers copy them, run by nektos/act on a docker engine of their own against GHCR's front
//! door. Actions of others are replaced by the stand-ins in `actions`, which do the same with this machine's clients.

#![expect(clippy::unwrap_used, reason = "a failed expectation is a failed test")]

mod act;
mod build_push;
mod scene;
mod world;

const JOB_TOKEN: &str = "ghs_ExamplesCanaryJobTokenWm4Hs6Yp0Ge8Uc";
