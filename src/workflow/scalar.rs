//! A text as it stands behind a key.

/// A one-line text as a scalar: plain where YAML reads it back as it is, else in quotes.
pub fn scalar(text: &str) -> String {
    let begins_plain = text.starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '$' | '/' | '.' | '_'));
    let is_cut = text.contains(": ") || text.contains(" #") || text.ends_with([':', ' ']);
    if begins_plain && !is_cut {
        text.to_owned()
    } else if text.contains(['"', '\\']) {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        format!("\"{text}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflow::document;

    #[test]
    fn a_scalar_is_read_as_the_text_that_it_was_made_of() {
        let texts = [
            "github.ref == 'x'",
            "!cancelled()",
            "${{ a }}",
            "a != 'b: c'",
            "a != 'b #c'",
            "'x' == a",
            "a:",
            "*",
            "- a",
            "[a]",
            "a \"b: \\' c",
            "",
        ];
        for text in texts {
            let node = document(&format!("key: {}\n", scalar(text))).unwrap();
            assert_eq!(node.text_at("key"), Some(text), "{}", scalar(text));
        }
        assert_eq!(scalar("${{ github.ref == 'x' }}"), "${{ github.ref == 'x' }}", "no quotes without need");
    }
}
