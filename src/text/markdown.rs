//! Text in Markdown as GitHub reads it (<https://github.github.com/gfm/>): shown as it is written, whatever it holds.

/// Text of ours with values of others in it, on one line. Single backticks still mark code and our links still work; nothing
/// else is markup.
pub fn escape(text: &str) -> String {
    // A run of backticks ends only at one of the same length. With single ones in pairs, what is code is plain to see.
    let has_code = !text.contains("``") && text.matches('`').count().is_multiple_of(2);
    let mut escaped = String::with_capacity(text.len() + 16);
    for (index, part) in text.trim().split('`').enumerate() {
        if index > 0 {
            escaped.push_str(if has_code { "`" } else { "\\`" });
        }
        if has_code && index % 2 == 1 {
            escaped.push_str(&part.replace('|', "\\|").replace(['\r', '\n'], " "));
        } else {
            plain(part, &mut escaped);
        }
    }
    escaped
}

/// A value on its own, as code.
pub fn code(text: &str) -> String {
    format!("`{}`", text.replace('`', "'").replace('|', "\\|").replace(['\r', '\n'], " "))
}

/// Lines as they are, in a fence that is longer than any run of backticks in them.
pub fn fenced(language: &str, lines: &str, indent: &str) -> String {
    let longest = lines.split(|character| character != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    let lines: String = lines.lines().map(|line| format!("{indent}{}\n", super::neutral(line))).collect();
    format!("{indent}{fence}{language}\n{lines}{indent}{fence}\n")
}

fn plain(text: &str, escaped: &mut String) {
    let mut rest = text;
    let mut before = ' ';
    while let Some(character) = rest.chars().next() {
        let url = if before.is_alphanumeric() { "" } else { our_link(rest) };
        if !url.is_empty() {
            escaped.push_str(url);
            (rest, before) = (&rest[url.len()..], 'x');
            continue;
        }
        rest = &rest[character.len_utf8()..];
        match character {
            '\r' | '\n' => escaped.push(' '),
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            // Without it, no address is made a link.
            ':' if rest.starts_with("//") => escaped.push_str("&#58;"),
            '.' if escaped.ends_with("www") => escaped.push_str("&#46;"),
            '_' if before.is_alphanumeric() && rest.starts_with(char::is_alphanumeric) => escaped.push('_'),
            '\\' | '*' | '_' | '[' | ']' | '|' | '~' | '#' => escaped.extend(['\\', character]),
            _ => escaped.push(character),
        }
        before = character;
    }
}

/// The address at the beginning of a text, if it leads to GitHub; the servers of companies are linked by their own links.
fn our_link(text: &str) -> &str {
    const OURS: [&str; 3] = ["https://github.com/", "https://docs.github.com/", "https://www.githubstatus.com"];
    if !OURS.iter().any(|ours| text.starts_with(ours)) {
        return "";
    }
    let is_of_url = |character: char| character.is_ascii_alphanumeric() || "/:.?=%#+-_".contains(character);
    let end = text.find(|character| !is_of_url(character)).unwrap_or(text.len());
    text[..end].trim_end_matches(['.', ':', '?', '_'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_wrote_is_shown_as_they_wrote_it() {
        for (text, escaped) in [
            ("<img src=x> & | a\n# b", "&lt;img src=x&gt; &amp; \\| a \\# b"),
            ("![x](https://evil.example/p.png)", "!\\[x\\](https&#58;//evil.example/p.png)"),
            ("www.evil.example HTTP://evil", "www&#46;evil.example HTTP&#58;//evil"),
            ("**a** __b__ ~~c~~ snake_case _x", "\\*\\*a\\*\\* \\_\\_b\\_\\_ \\~\\~c\\~\\~ snake_case \\_x"),
            ("\\[x](y)", "\\\\\\[x\\](y)"),
            ("a ` b", "a \\` b"),
            ("` [x](evil) `` [y](evil)", "\\` \\[x\\](evil) \\`\\` \\[y\\](evil)"),
            ("    indented", "indented"),
        ] {
            assert_eq!(escape(text), escaped);
        }
    }

    #[test]
    fn our_own_code_and_links_stay() {
        for text in [
            "Set `packages: write` and `a|b`.",
            "Open https://github.com/orgs/acme/packages/container/my_app%2Fweb/settings.",
            "Look at https://www.githubstatus.com (Packages).",
        ] {
            assert_eq!(escape(text), text.replace("a|b", "a\\|b"));
        }
        assert_eq!(escape("xhttps://github.com.evil.example/"), "xhttps&#58;//github.com.evil.example/");
        assert_eq!(code("a`|b"), "`a'\\|b`");
    }

    #[test]
    fn a_fence_is_longer_than_what_it_holds() {
        assert_eq!(fenced("yaml", "a: |\n  ```` x", "  "), "  `````yaml\n  a: |\n    ```` x\n  `````\n");
        assert_eq!(fenced("", "a", ""), "```\na\n```\n");
    }
}
