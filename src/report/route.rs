//! What stood between this program and the registry: a proxy, and certificates that are trusted beyond the web's. Any
//! earlier step of the job can set both, and who sets both can read what is sent.

use serde_json::{Value, json};

use crate::{inputs::roots::Bundle, job::run::Runner};

/// A proxy and further certificates, if any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Route {
    /// Host and port of the proxy, without its user and password.
    pub proxy: Option<String>,
    /// Files with certificates.
    pub bundles: Vec<Bundle>,
    /// Whether the machine is GitHub's, where neither is usual.
    pub is_unusual: bool,
}

impl Route {
    /// What the requests of a run go through.
    pub fn of(runner: Runner, proxy: Option<String>, bundles: &[Bundle]) -> Self {
        Self { proxy, bundles: bundles.to_vec(), is_unusual: runner == Runner::Hosted }
    }

    /// A sentence for each.
    pub fn sentences(&self) -> Vec<String> {
        let proxy = self.proxy.iter().map(|proxy| format!("Requests went through the proxy {proxy} (HTTPS_PROXY)."));
        let bundles = self.bundles.iter().map(|Bundle { named_by, file, certificates }| {
            let certificates = if *certificates == 1 { "1 certificate".to_owned() } else { format!("{certificates} certificates") };
            format!("TLS also trusts {certificates} from {file} ({named_by}).")
        });
        let doubt = if self.is_unusual {
            " If the workflow does not set this on purpose, an earlier step did, and it may have read the credential."
        } else {
            ""
        };
        proxy.chain(bundles).map(|sentence| sentence + doubt).collect()
    }

    /// The same for machines; nothing where there was neither.
    pub fn json(&self) -> Option<Value> {
        let certificates = self.bundles.iter();
        let certificates: Vec<_> = certificates
            .map(|Bundle { named_by, file, certificates }| json!({ "from": named_by, "file": file, "count": certificates }))
            .collect();
        (self.proxy.is_some() || !self.bundles.is_empty()).then(|| json!({ "proxy": self.proxy, "certificates": certificates }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_can_set_is_named_and_doubted_where_it_is_unusual() {
        let bundle = Bundle { named_by: "SSL_CERT_FILE", file: "/x.pem".into(), certificates: 2 };
        for (runner, doubted) in [(Runner::Hosted, true), (Runner::SelfHosted, false)] {
            let route = Route::of(runner, Some("proxy.example:3128".into()), std::slice::from_ref(&bundle));
            let sentences = route.sentences();
            assert!(sentences[0].starts_with("Requests went through the proxy proxy.example:3128 (HTTPS_PROXY)."));
            assert!(sentences[1].starts_with("TLS also trusts 2 certificates from /x.pem (SSL_CERT_FILE)."));
            assert_eq!(sentences.iter().all(|sentence| sentence.contains("an earlier step did")), doubted);
            let json = route.json().unwrap();
            assert_eq!((json["proxy"].as_str(), json["certificates"][0]["count"].as_u64()), (Some("proxy.example:3128"), Some(2)));
        }
        assert_eq!((Route::default().sentences(), Route::default().json()), (Vec::new(), None));
    }
}
