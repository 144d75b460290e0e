//! Where an image name leads: to GHCR, elsewhere, or nobody can tell.

/// GitHub Container Registry's host.
pub use crate::registry::ghcr::NAME as HOST;

/// Transports of skopeo and podman that stay on the machine
/// (<https://github.com/containers/image/blob/main/docs/containers-transports.5.md>).
const LOCAL: [&str; 6] = ["dir:", "oci:", "oci-archive:", "docker-archive:", "docker-daemon:", "containers-storage:"];

/// Transports that name a registry.
const REMOTE: [&str; 3] = ["docker://", "oci://", "https://"];

/// Where a name leads. Of several, the first of these counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// To GHCR.
    Ghcr,
    /// The file does not tell.
    Unknown,
    /// It names no registry, so to Docker Hub.
    Hub,
    /// To another registry, or to a file.
    Elsewhere,
}

impl Target {
    /// Reads one name, variables filled in as far as they are known.
    pub fn of(name: &str) -> Self {
        let name = name.trim().trim_matches(['"', '\'']);
        if LOCAL.iter().any(|local| name.strip_prefix(local).is_some_and(|rest| !rest.starts_with("//"))) {
            return Self::Elsewhere;
        }
        let name = without_transport(name);
        if is_named(name) {
            return Self::Ghcr;
        }
        let (first, rest) = name.split_once('/').map_or((name, None), |(first, rest)| (first, Some(rest)));
        let is_host = rest.is_some() && (first.contains(['.', ':']) || first == "localhost");
        match first.find('$') {
            _ if name.is_empty() => Self::Unknown,
            None if is_host => Self::Elsewhere,
            Some(0) => Self::Unknown,
            Some(_) if rest.is_some() && first.split('$').next().is_some_and(|known| known.contains('.')) => Self::Elsewhere,
            Some(_) => Self::Unknown,
            None => Self::Hub,
        }
    }

    /// Reads the names of a command, of which each may be a list.
    pub fn of_names(names: &[String]) -> Self {
        names.iter().flat_map(|name| listed(name)).map(Self::of).min().unwrap_or(Self::Unknown)
    }
}

/// The parts of a list that spaces or commas separate. Expressions stay whole.
fn listed(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    let is_between = move |c: char| {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && matches!(c, ' ' | ',')
    };
    text.split(is_between).filter(|part| !part.is_empty())
}

/// Whether a text names GHCR's host: alone, or before a path or port.
pub fn is_named(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.match_indices(HOST).any(|(start, _)| {
        let is_label = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        !text[..start].ends_with(is_label) && !text[start + HOST.len()..].starts_with(is_label)
    })
}

fn without_transport(name: &str) -> &str {
    REMOTE.iter().find_map(|remote| name.strip_prefix(remote)).unwrap_or(name)
}

/// A name without its transport, tag and digest: what a package is called.
pub fn without_tag(name: &str) -> &str {
    let name = without_transport(name.trim().trim_matches(['"', '\'']));
    let name = name.split('@').next().unwrap_or_default();
    let slash = name.rfind('/').unwrap_or_default();
    let colon = name[slash..].find(':').map(|colon| slash + colon);
    colon.map_or(name, |colon| &name[..colon])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_where_its_registry_is() {
        for (name, expected) in [
            ("ghcr.io/acme/app:1", Target::Ghcr),
            ("docker://GHCR.io/acme/app", Target::Ghcr),
            ("oci://ghcr.io/${{ github.repository_owner }}/charts", Target::Ghcr),
            ("type=image,name=ghcr.io/acme/app", Target::Ghcr),
            ("dir:/tmp/ghcr.io", Target::Elsewhere),
            ("oci:layout:ghcr.io", Target::Elsewhere),
            ("quay.io/${{ env.X }}/app", Target::Elsewhere),
            ("localhost:5000/app", Target::Elsewhere),
            ("ghcr.io.example.org/app", Target::Elsewhere),
            ("my-ghcr.io/app", Target::Elsewhere),
            ("acme/app:1", Target::Hub),
            ("$IMAGE:1", Target::Unknown),
            ("${{ steps.meta.outputs.tags }}", Target::Unknown),
            ("", Target::Unknown),
        ] {
            assert_eq!(Target::of(name), expected, "{name}");
        }
    }

    #[test]
    fn a_tag_and_a_digest_are_no_part_of_the_name() {
        for (name, expected) in [
            ("ghcr.io/acme/app:1", "ghcr.io/acme/app"),
            ("docker://ghcr.io/acme/app@sha256:00", "ghcr.io/acme/app"),
            ("ghcr.io/${{ github.repository }}:${{ github.sha }}", "ghcr.io/${{ github.repository }}"),
            ("ghcr.io/acme/app", "ghcr.io/acme/app"),
            ("localhost:5000/app", "localhost:5000/app"),
        ] {
            assert_eq!(without_tag(name), expected, "{name}");
        }
    }
}
