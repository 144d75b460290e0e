//! docs/troubleshooting.md: what stands below each error is what `ghcr-auth explain` says of it.

use ghcr_auth::{
    diagnosis::{self, Fix, Subject},
    explain::{Elsewhere, elsewhere, explain},
    github::Evidence,
};

use crate::docs::{assert_is_committed, read};

const PAGE: &str = "docs/troubleshooting.md";

#[test]
fn what_stands_below_each_error_of_the_page_is_what_the_program_says() {
    assert_is_committed(PAGE, &generated(&read(PAGE)));
}

#[test]
fn the_page_has_the_errors_that_people_look_for() {
    assert!(read(PAGE).matches("```text\n").count() > 15);
}

/// The page with everything between an error and the next heading written anew.
fn generated(page: &str) -> String {
    let mut lines = page.lines();
    let mut text = String::new();
    while let Some(line) = lines.next() {
        text += &format!("{line}\n");
        if line != "```text" {
            continue;
        }
        let error: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
        let rest = lines.clone().take_while(|line| !line.starts_with('#')).count();
        lines.by_ref().take(rest).for_each(drop);
        text += &format!("{}\n```\n\n{}\n", error.join("\n"), answer(&error.join("\n")));
    }
    text
}

/// What the program says of an error to somebody who did not tell which image it is about.
fn answer(error: &str) -> String {
    let explanation = explain(error);
    let Some(finding) = explanation.findings.first() else {
        let Elsewhere { cause, fixes } = elsewhere(error).unwrap_or_else(|| panic!("not known: {error}"));
        let fixes: String = (1..).zip(fixes).map(|(number, fix)| format!("{number}. {fix}\n")).collect();
        return format!("{cause}\n\n{fixes}");
    };
    let subject =
        Subject { registry: "ghcr.io".into(), said: finding.line.clone(), situation: finding.situation.clone(), ..Subject::default() };
    let diagnosis = diagnosis::explain(finding.reason, &subject, &Evidence::default());
    let code = diagnosis.code.code();
    let fixes: String = (1..).zip(&diagnosis.fixes).map(|(number, fix)| numbered(number, fix)).collect();
    format!("Code: [`{code}`](reasons.md#{code}). {}\n\n{fixes}", diagnosis.cause)
}

fn numbered(number: usize, fix: &Fix) -> String {
    let language = |lines: &str| if lines.contains("kubectl") || lines.contains("docker push") { "" } else { "yaml" };
    let paste = fix.paste.as_ref().map(|lines| {
        let indented: String = lines.lines().map(|line| format!("   {line}\n")).collect();
        format!("\n   ```{}\n{indented}   ```\n", language(lines))
    });
    format!("{number}. {}\n{}", fix.text, paste.unwrap_or_default())
}
