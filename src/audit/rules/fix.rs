//! What to change, in words and as changes of lines.

use crate::audit::edit::Edit;

/// What to change: a text, and the changes of the file where they are certain.
#[derive(Clone, Debug, Default)]
pub(super) struct Fix {
    pub(super) text: String,
    pub(super) edits: Vec<Edit>,
}

impl From<String> for Fix {
    fn from(text: String) -> Self {
        Self { text, edits: Vec::new() }
    }
}

impl From<&str> for Fix {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl Fix {
    /// Changes of a file, said one by one after an introduction.
    pub(super) fn of(introduction: &str, file: &str, edits: Vec<Edit>) -> Self {
        let said: String = edits.iter().map(|edit| format!("\n{}", instruction(file, edit))).collect();
        Self { text: format!("{introduction}{said}"), edits }
    }
}

fn instruction(file: &str, edit: &Edit) -> String {
    let last = (edit.line + edit.removed).saturating_sub(1);
    let lines = edit.lines.trim_end();
    match edit.removed {
        0 => format!("In {file}, add after line {}:\n{lines}", edit.line - 1),
        1 if lines.is_empty() => format!("In {file}, remove line {last}."),
        _ if lines.is_empty() => format!("In {file}, remove lines {} to {last}.", edit.line),
        1 => format!("In {file}, replace line {last} with:\n{lines}"),
        _ => format!("In {file}, replace lines {} to {last} with:\n{lines}", edit.line),
    }
}
