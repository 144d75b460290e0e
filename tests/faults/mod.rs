//! What can go wrong around the program, row by row: `tests/cases/faults.json` says what comes of each fault, the module
//! of its category how the fault is made.

#![expect(clippy::unwrap_used, reason = "a failed expectation is a failed test")]

mod body;
mod challenge;
mod cleanup;
mod clock;
mod command_files;
mod disk;
mod dns;
mod http;
mod input;
mod network;
mod openssl;
mod proxy;
mod realm;
mod redirect;
mod row;
mod status;
mod tls;
mod world;

use std::collections::BTreeSet;

use ghcr_auth_testbed::harness::Test;

use crate::binary;

/// The credentials of the tests, each as long and as random as a real one.
const PAT: &str = "ghp_FaultCanaryPatQ7Zt3Lw9Rb2Vn5Km8Dj1Xc";
const JOB_TOKEN: &str = "ghs_FaultCanaryJobTokenWm4Hs6Yp0Ge8Uc3Fi";

/// The modules by the category of their rows.
const CATEGORIES: [(&str, &[row::Check]); 15] = [
    ("body", body::CHECKS),
    ("challenge", challenge::CHECKS),
    ("cleanup", cleanup::CHECKS),
    ("clock", clock::CHECKS),
    ("command-files", command_files::CHECKS),
    ("dns", dns::CHECKS),
    ("fs", disk::CHECKS),
    ("http", http::CHECKS),
    ("input", input::CHECKS),
    ("network", network::CHECKS),
    ("proxy", proxy::CHECKS),
    ("realm", realm::CHECKS),
    ("redirect", redirect::CHECKS),
    ("status", status::CHECKS),
    ("tls", tls::CHECKS),
];

fn every_row_is_tested_in_its_category() {
    let rows: BTreeSet<_> = row::all().into_iter().map(|row| (row.category, row.id)).collect();
    let tested = CATEGORIES.iter().flat_map(|(category, checks)| checks.iter().map(|(id, _)| ((*category).to_owned(), (*id).to_owned())));
    assert_eq!(tested.collect::<BTreeSet<_>>(), rows);
}

/// Rows that need a tool or a permission, which are tests of their own.
const PARTICULAR: [&str; 2] = ["FI-140", "FI-166"];

fn certificates_that_are_weak() {
    row::run_one("FI-140", tls::CHECKS);
}

fn disks_that_are_full() {
    row::run_one("FI-166", disk::CHECKS);
}

/// A test for each category.
macro_rules! categories {
    ($($test:ident: $category:literal,)*) => {
        $(fn $test() {
            row::run($category, &CATEGORIES, &PARTICULAR);
        })*

        ghcr_auth_testbed::tests![every_row_is_tested_in_its_category, certificates_that_are_weak, disks_that_are_full, $($test),*];

        /// The tests of this directory.
        pub(crate) const ALL: &[&[Test]] = &[TESTS];
    };
}

categories! {
    bodies_that_are_no_answer: "body",
    challenges_that_are_odd: "challenge",
    cleaning_up_after_anything: "cleanup",
    clocks_that_are_wrong: "clock",
    command_files_that_cannot_be_written: "command-files",
    names_that_resolve_to_something_else: "dns",
    files_that_are_in_the_way: "fs",
    http_that_is_none: "http",
    inputs_that_were_pasted_wrongly: "input",
    networks_that_break: "network",
    proxies_that_do_not_help: "proxy",
    realms_of_strangers: "realm",
    redirects_of_all_kinds: "redirect",
    statuses_of_all_kinds: "status",
    tls_that_cannot_be_trusted: "tls",
}
