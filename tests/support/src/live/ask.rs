//! One request by curl, whose answer is what any client of the machine would get. A credential goes to it by its standard input.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::compare::differences;
use super::{Outcome, World};
use crate::recorded::Row;

/// An answer as it came.
#[derive(Clone, Debug, Default)]
pub struct Call {
    /// The status.
    pub status: u16,
    /// Header fields by lower-case name, the last of each.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: String,
}

/// Asks the rows that a job of this kind can ask, each once and one after the other.
pub fn ask(rows: &[Row], job: &str, world: &World) -> Vec<Outcome> {
    let mut places = BTreeMap::new();
    rows.iter().filter(|row| row.jobs.iter().any(|of| of == job || of == "any")).map(|row| outcome(row, world, &mut places)).collect()
}

/// `places` has what each row's answer said in `Location`.
fn outcome(row: &Row, world: &World, places: &mut BTreeMap<String, String>) -> Outcome {
    let request = match Request::of(row, world, places) {
        Ok(request) => request,
        Err(missing) => return Outcome::not_asked(row, &missing),
    };
    if row.settles {
        std::thread::sleep(Duration::from_secs(world.settle));
    }
    match request.send() {
        Ok(call) => {
            let place = call.headers.get("location").cloned().unwrap_or_default();
            places.insert(row.id.clone(), place);
            Outcome::compared(row, &differences(&row.answer, &call, world, request.credential.as_deref()))
        }
        Err(error) => Outcome::not_asked(row, &error),
    }
}

/// A request with all its names filled in.
struct Request {
    method: String,
    url: String,
    credential: Option<String>,
    authorization: Option<String>,
}

impl Request {
    /// What is missing for it, if anything is.
    fn of(row: &Row, world: &World, places: &BTreeMap<String, String>) -> Result<Self, String> {
        let mut target = row.target.clone();
        if let Some(before) = &row.after {
            let place = places.get(before).ok_or_else(|| format!("{before} was not answered"))?;
            if target == "{location}" {
                let relative = place.starts_with('/') && !place.starts_with("//");
                target = relative.then(|| place.clone()).ok_or_else(|| format!("{before} named no relative place"))?;
            }
        }
        for (name, value) in &world.names {
            target = target.replace(&format!("{{{name}}}"), value);
        }
        let url = if target.starts_with('/') { format!("{}{target}", world.registry) } else { target.replace("{api}", &world.api) };
        if url.contains(['{', ' ', '"']) {
            return Err("a name for it is not set".to_owned());
        }
        let mut request = Self { method: row.method.clone(), url, credential: None, authorization: None };
        if let Some((form, whose)) = &row.caller {
            let credential = world.credential(whose).ok_or_else(|| format!("no {whose} is given"))?;
            request.authorization = Some(match form.as_str() {
                "basic" => format!("Basic {}", STANDARD.encode(format!("live:{credential}"))),
                "bearer" => format!("Bearer {}", STANDARD.encode(credential)),
                _ => format!("Bearer {credential}"),
            });
            request.credential = Some(credential.to_owned());
        }
        Ok(request)
    }

    fn send(&self) -> Result<Call, String> {
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--show-error", "--include", "--suppress-connect-headers", "--max-time", "30", "--max-filesize", "1000000"]);
        curl.args(["--proto", "=https,http", "--noproxy", "127.0.0.1,localhost", "--config", "-", "--request", &self.method]);
        let running = curl.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut running = running.map_err(|error| format!("curl cannot be started: {error}"))?;
        let mut settings = format!("url = \"{}\"\nuser-agent = \"ghcr-auth live check\"\n", self.url);
        if let Some(authorization) = &self.authorization {
            settings += &format!("header = \"Authorization: {authorization}\"\n");
        }
        if self.method == "POST" {
            settings += "header = \"Content-Length: 0\"\n";
        }
        // Dropped at once, so that curl finds the end; if curl is gone already, it says so itself.
        let _ = running.stdin.take().expect("a pipe").write_all(settings.as_bytes());
        let output = running.wait_with_output().map_err(|error| error.to_string())?;
        if !output.status.success() {
            return Err(format!("curl ended with {}", output.status.code().unwrap_or_default()));
        }
        Call::parse(&String::from_utf8_lossy(&output.stdout)).ok_or_else(|| "this is no answer of HTTP".to_owned())
    }
}

impl Call {
    fn parse(text: &str) -> Option<Self> {
        let (head, body) = text.split_once("\r\n\r\n")?;
        let mut lines = head.lines();
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        // What informs beforehand (RFC 9110, section 15.2) is not the answer.
        if (100..200).contains(&status) {
            return Self::parse(body);
        }
        let fields = lines.filter_map(|line| line.split_once(':'));
        let headers = fields.map(|(name, value)| (name.to_lowercase(), value.trim().to_owned())).collect();
        Some(Self { status, headers, body: body.to_owned() })
    }
}
