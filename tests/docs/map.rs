//! The maps of the code, in src/lib.rs and CONTRIBUTING.md, against the modules: all are on them, and no two need each other.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use crate::docs::read;

/// The modules of the library, each a room.
pub(super) fn rooms() -> BTreeSet<String> {
    let declared = |line: &str| Some(line.strip_prefix("pub mod ")?.strip_suffix(';')?.to_owned());
    read("src/lib.rs").lines().filter_map(declared).collect()
}

/// The source of a room without its unit tests.
pub(super) fn source(room: &str) -> String {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = vec![sources.join(format!("{room}.rs")), sources.join(room)];
    let mut whole = String::new();
    while let Some(path) = paths.pop() {
        if path.is_dir() {
            paths.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.exists()
            && path.extension().is_some_and(|extension| extension == "rs")
            && path.file_stem().is_some_and(|stem| stem != "tests")
        {
            let text = fs::read_to_string(path).unwrap();
            whole += text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        }
    }
    whole
}

/// The rooms that a room's source names: after `crate::`, or first in a path between the braces after it.
fn needed(source: &str, rooms: &BTreeSet<String>) -> BTreeSet<String> {
    let code: String = source.lines().filter(|line| !line.trim_start().starts_with("//")).flat_map(|line| [line, "\n"]).collect();
    let heads = code.split("crate::").skip(1).flat_map(|after| match after.strip_prefix('{') {
        Some(group) => heads(group),
        None => vec![word(after)],
    });
    heads.filter(|head| rooms.contains(head)).collect()
}

/// The first words of the paths in a group, up to its closing brace.
fn heads(group: &str) -> Vec<String> {
    let (mut depth, mut begins, mut heads) = (0, true, Vec::new());
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => begins = true,
            _ if begins && !character.is_whitespace() => {
                heads.push(word(&group[at..]));
                begins = false;
            }
            _ => {}
        }
    }
    heads
}

fn word(text: &str) -> String {
    text.chars().take_while(|character| character.is_alphanumeric() || *character == '_').collect()
}

fn arrows() -> BTreeMap<String, BTreeSet<String>> {
    let rooms = rooms();
    let of_room = |room: &String| {
        let mut needed = needed(&source(room), &rooms);
        needed.remove(room);
        (room.clone(), needed)
    };
    rooms.iter().map(of_room).collect()
}

#[test]
fn the_rooms_that_a_source_names_are_found() {
    let rooms = ["job", "text", "trust"].map(str::to_owned).into();
    let source = "use crate::{\n    job::{run::Run, text},\n    trust,\n};\n// crate::text\n";
    assert_eq!(needed(source, &rooms), ["job", "trust"].map(str::to_owned).into());
    assert_eq!(needed("fn f() -> crate::text::Safe {}", &rooms), ["text"].map(str::to_owned).into());
}

#[test]
fn every_room_is_on_both_maps() {
    let (library, contributing) = (read("src/lib.rs"), read("CONTRIBUTING.md"));
    for room in rooms() {
        assert!(library.contains(&format!("[`{room}`]")), "the map in src/lib.rs does not name `{room}`");
        let named = [format!("`src/{room}/`"), format!("`src/{room}.rs`")].iter().any(|path| contributing.contains(path));
        assert!(named, "the map in CONTRIBUTING.md does not name src/{room}");
    }
}

#[test]
fn every_type_that_contributors_are_sent_to_is_there() {
    let code: String = rooms().iter().map(|room| source(room)).collect();
    let contributing = read("CONTRIBUTING.md");
    let quoted = contributing.split('`').skip(1).step_by(2).map(word);
    let is_type = |name: &String| {
        name.starts_with(|first: char| first.is_ascii_uppercase()) && name.contains(|letter: char| letter.is_ascii_lowercase())
    };
    let types: BTreeSet<_> = quoted.filter(is_type).filter(|name| name != "Cargo").collect();
    // By a keyword, or in a table that a macro reads.
    let declaration = |line: &str| {
        let line = line.trim_start().trim_start_matches("pub").trim_start_matches("(super)").trim_start();
        let named = line.strip_prefix("struct ").or_else(|| line.strip_prefix("enum ")).or_else(|| line.strip_suffix(" {"));
        named.map(word)
    };
    let declared: BTreeSet<_> = code.lines().filter_map(declaration).filter(|name| types.contains(name)).collect();
    assert!(types.len() > 5, "{types:?}");
    assert_eq!(types, declared);
}

#[test]
fn no_room_needs_one_that_needs_it() {
    let mut left = arrows();
    assert!(left.values().map(BTreeSet::len).sum::<usize>() > 40, "the arrows are not found: {left:?}");
    while let Some(free) = left.iter().find(|(_, needed)| !needed.iter().any(|room| left.contains_key(room))).map(|(room, _)| room.clone())
    {
        left.remove(&free);
    }
    let circle: BTreeMap<_, BTreeSet<_>> =
        left.iter().map(|(room, needed)| (room, needed.iter().filter(|room| left.contains_key(*room)).collect())).collect();
    assert!(circle.is_empty(), "a circle among {circle:?}");
}

/// The names of variables are asked for where a run begins, and values go on from there.
#[test]
fn what_decides_and_what_speaks_reads_no_environment() {
    for room in ["audit", "candidates", "decision", "diagnosis", "explain", "github", "report", "text", "trust", "workflow"] {
        assert!(!source(room).contains("environment::Environment"), "src/{room} reads the environment: give it a value");
    }
}
