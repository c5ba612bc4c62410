//! `app`: programs of the practice's own that send texts through the API.

use super::on_practice::OnPractice;
use super::{Outcome, Usage};
use std::io::BufRead;
use std::process::ExitCode;
use std::str::FromStr;
use wellsent_carrier::{check_address, parse_host};
use wellsent_domain::consent::Category;
use wellsent_domain::message::Purpose;
use wellsent_domain::sender::Sender;
use wellsent_domain::{ApplicationId, Phi, PhoneNumber, SenderId};
use wellsent_engine::{account_sid, key_sid, service_sid, token};
use wellsent_store::applications::{self, Application, NewApplication};
use wellsent_store::{StoreError, Tx, senders};

/// More applications than any practice has.
const LISTED_MAX: i64 = 1_000;
/// Requests that an application may make in a minute, if nothing else is said.
const REQUESTS: i64 = 600;
/// The shortest and longest token that is taken over.
const TOKEN_CHARS: std::ops::RangeInclusive<usize> = 16..=128;

const HELP: &str = "\
Examples:
  wellsent app add --name Portal --host app.example.com --inbound-url https://app.example.com/sms
  wellsent app add --name Portal --account AC0123456789abcdef0123456789abcdef --token-stdin < token.txt
  wellsent app list
  wellsent app change app_0198c3f2a8b97def8123456789abcdef --host new.example.com --inbound-url https://new.example.com/sms
  wellsent app rotate app_0198c3f2a8b97def8123456789abcdef
  wellsent app key add app_0198c3f2a8b97def8123456789abcdef

An application is named by its id or by its account. Secrets are printed once. Beside a server that runs on the embedded database, stop the
server first. docs/move-an-app.md says how an application moves over.";

/// What `app` takes.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, clap::Subcommand)]
enum Act {
    /// Add an application and print its account and token
    Add(Box<Add>),
    /// Change where an application is called and what it may use; what is not named stays
    Change(Box<Change>),
    /// List the applications, with those that were disabled
    List(OnPractice),
    /// Refuse an application from its next request on
    Disable {
        /// The application, by its id or its account
        id: String,
        #[command(flatten)]
        more: OnPractice,
    },
    /// Print a second token, good beside the first; with --finish only the second stays
    Rotate {
        /// The application, by its id or its account
        id: String,
        /// End the change: the first token is refused, and calls are signed with the second
        #[arg(long)]
        finish: bool,
        /// Read the second token from standard input instead of making one
        #[arg(long, conflicts_with = "finish")]
        token_stdin: bool,
        #[command(flatten)]
        more: OnPractice,
    },
    /// API keys
    Key {
        #[command(subcommand)]
        act: KeyAct,
    },
}

#[derive(Debug, clap::Subcommand)]
enum KeyAct {
    /// Give an application an API key and print its secret
    Add {
        /// The application, by its id or its account
        id: String,
        #[command(flatten)]
        more: OnPractice,
    },
    /// Refuse an API key from its next request on
    Revoke {
        /// The application, by its id or its account
        id: String,
        /// The key: SK and 32 hexadecimal digits
        key: String,
        #[command(flatten)]
        more: OnPractice,
    },
}

#[derive(Debug, clap::Args)]
struct Add {
    /// The name, as staff see it
    #[arg(long)]
    name: String,
    /// Which consent its texts need
    #[arg(long, value_enum, default_value_t = CategoryArg::Appointments)]
    category: CategoryArg,
    /// Why health information is used in its texts
    #[arg(long, value_enum, default_value_t = PurposeArg::Treatment)]
    purpose: PurposeArg,
    /// A host at which it may be called, with a port if it is not 443; can be given several times
    #[arg(long = "host", value_name = "HOST")]
    hosts: Vec<String>,
    /// Where patients' texts are told to it
    #[arg(long, value_name = "URL")]
    inbound_url: Option<String>,
    /// Where the steps of texts are told that name no address of their own
    #[arg(long, value_name = "URL")]
    status_url: Option<String>,
    /// A sender that it may use; can be given several times. Without it, all that the practice has now
    #[arg(long = "sender", value_name = "NUMBER")]
    senders: Vec<String>,
    /// An account to take over, so that the application keeps its credentials; with --token-stdin
    #[arg(long, value_name = "AC...", requires = "token_stdin")]
    account: Option<String>,
    /// Read the token to take over from standard input
    #[arg(long, requires = "account")]
    token_stdin: bool,
    /// A messaging service to take over: it stands for the practice's choice of a sender
    #[arg(long, value_name = "MG...")]
    service: Option<String>,
    /// Requests that it may make in a minute
    #[arg(long, value_name = "N", default_value_t = REQUESTS, value_parser = clap::value_parser!(i64).range(1..=100_000))]
    requests_per_minute: i64,
    #[command(flatten)]
    more: OnPractice,
}

#[derive(Debug, clap::Args)]
struct Change {
    /// The application, by its id or its account
    id: String,
    /// Another name, as staff see it
    #[arg(long)]
    name: Option<String>,
    /// A host at which it may be called; those that are given replace all before
    #[arg(long = "host", value_name = "HOST")]
    hosts: Vec<String>,
    /// Where patients' texts are told to it; "none" for nowhere
    #[arg(long, value_name = "URL")]
    inbound_url: Option<String>,
    /// Where the steps of texts are told that name no address of their own; "none" for nowhere
    #[arg(long, value_name = "URL")]
    status_url: Option<String>,
    /// A sender that it may use; those that are given replace all before
    #[arg(long = "sender", value_name = "NUMBER")]
    senders: Vec<String>,
    /// Requests that it may make in a minute
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(1..=100_000))]
    requests_per_minute: Option<i64>,
    #[command(flatten)]
    more: OnPractice,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum CategoryArg {
    /// Appointments and what belongs to a visit
    Appointments,
    /// Care: instructions, medication, results
    Care,
    /// Statements and payments
    Billing,
    /// Questions about a visit
    Surveys,
    /// News and offers; needs a signed authorization as well
    Marketing,
}

impl From<CategoryArg> for Category {
    fn from(arg: CategoryArg) -> Self {
        match arg {
            CategoryArg::Appointments => Self::Appointments,
            CategoryArg::Care => Self::Care,
            CategoryArg::Billing => Self::Billing,
            CategoryArg::Surveys => Self::Surveys,
            CategoryArg::Marketing => Self::Marketing,
        }
    }
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum PurposeArg {
    /// Care, reminders included
    Treatment,
    /// Payment
    Payment,
    /// Running the practice
    Operations,
    /// Encouraging to buy or use something
    Marketing,
}

impl From<PurposeArg> for Purpose {
    fn from(arg: PurposeArg) -> Self {
        match arg {
            PurposeArg::Treatment => Self::Treatment,
            PurposeArg::Payment => Self::Payment,
            PurposeArg::Operations => Self::Operations,
            PurposeArg::Marketing => Self::Marketing,
        }
    }
}

/// Runs `app`.
pub fn run(args: Args) -> Outcome {
    match args.act {
        Act::Add(add) => run_add(*add),
        Act::Change(change) => run_change(*change),
        Act::List(more) => list(&more),
        Act::Disable { id, more } => disable(&id, &more),
        Act::Rotate { id, finish: true, more, .. } => finish(&id, &more),
        Act::Rotate { id, token_stdin, more, .. } => rotate(&id, token_stdin, &more),
        Act::Key { act: KeyAct::Add { id, more } } => add_key(&id, &more),
        Act::Key { act: KeyAct::Revoke { id, key, more } } => revoke_key(&id, &key, &more),
    }
}

const UNKNOWN: &str = "the practice has no such application; see `wellsent app list`";
const UNKNOWN_OR_SENDER: &str =
    "the practice has no such application, or no such sender; see `wellsent app list` and `wellsent sender list`";
const UNKNOWN_OR_KEY: &str = "the practice has no such application, or it has no such key; see `wellsent app list`";
const NO_SENDER: &str = "the practice has no such sender; see `wellsent sender list`";
const KNOWN: &str = "this account is known here already; see `wellsent app list`";
const NO_SECOND: &str = "no second token was made; run `wellsent app rotate` without --finish first";
const CHANGED: &str = "the application has changed in the meantime; try again";

/// The application of an id or an account.
fn find(tx: &mut Tx<'_, '_>, named: &str) -> Result<Application, StoreError> {
    if let Ok(id) = ApplicationId::from_str(named) {
        return applications::get(tx, id);
    }
    let listed = applications::list(tx, LISTED_MAX)?;
    listed.into_iter().find(|application| application.account_sid == named).ok_or(StoreError::NotFound { what: "application" })
}

fn sid(what: &str, prefix: &str, text: &str) -> Result<String, Usage> {
    let hex = text.strip_prefix(prefix).unwrap_or_default();
    let good = hex.len() == 32 && hex.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    good.then(|| text.to_owned()).ok_or_else(|| Usage(format!("{what}: give {prefix} and 32 hexadecimal digits")))
}

fn read_token() -> Result<String, Box<dyn std::error::Error>> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    let given = line.trim();
    if !TOKEN_CHARS.contains(&given.len()) || !given.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Usage("--token-stdin: give the token on one line of standard input, 16 to 128 characters".into()).into());
    }
    Ok(given.to_owned())
}

fn name_of(given: &str) -> Result<String, Usage> {
    let name = given.trim();
    let good = !name.is_empty() && name.chars().count() <= 80 && !name.contains(char::is_control);
    good.then(|| name.to_owned()).ok_or_else(|| Usage("--name: give a name of at most 80 characters, on one line".into()))
}

fn hosts_of(given: &[String]) -> Result<Vec<String>, Usage> {
    let wrong = |_| Usage("--host: give a host such as app.example.com or app.example.com:8443".into());
    let mut hosts = given.iter().map(|host| parse_host(host)).collect::<Result<Vec<_>, _>>().map_err(wrong)?;
    hosts.sort();
    hosts.dedup();
    Ok(hosts)
}

fn check_urls(hosts: &[String], inbound: Option<&str>, status: Option<&str>) -> Result<(), Usage> {
    for (option, url) in [("--inbound-url", inbound), ("--status-url", status)] {
        if let Some(url) = url {
            check_address(url, hosts).map_err(|fault| Usage(format!("{option} {fault}; name its host with --host")))?;
        }
    }
    Ok(())
}

/// The senders that have these numbers.
fn senders_of(known: &[Sender], given: &[String]) -> Result<Vec<Sender>, StoreError> {
    let found = |given: &String| {
        let address = PhoneNumber::parse(given).map_or_else(|_| given.clone(), |number| number.to_e164());
        known.iter().find(|sender| sender.address == address).cloned().ok_or(StoreError::NotFound { what: "sender" })
    };
    let mut senders = given.iter().map(found).collect::<Result<Vec<_>, _>>()?;
    senders.sort_by_key(|sender| sender.id);
    senders.dedup_by_key(|sender| sender.id);
    Ok(senders)
}

fn run_change(change: Change) -> Outcome {
    let name = change.name.as_deref().map(name_of).transpose()?;
    let hosts = hosts_of(&change.hosts)?;
    let (named, inbound, status, senders) = (change.id.clone(), change.inbound_url, change.status_url, change.senders);
    let rate = change.requests_per_minute;
    let (changed, _) = change.more.with(UNKNOWN_OR_SENDER, CHANGED, move |tx, now| {
        let mut application = find(tx, &named)?;
        let url = |given: &Option<String>, before: Option<String>| match given.as_deref() {
            None => before,
            Some("none") => None,
            Some(url) => Some(url.to_owned()),
        };
        application.name = name.clone().unwrap_or(application.name);
        application.inbound_url = url(&inbound, application.inbound_url);
        application.status_url = url(&status, application.status_url);
        application.requests_per_minute = rate.unwrap_or(application.requests_per_minute);
        if !hosts.is_empty() {
            application.hosts = hosts.clone();
        }
        if !senders.is_empty() {
            application.senders = senders_of(&senders::list(tx)?, &senders)?;
        }
        let checked = check_urls(&application.hosts, application.inbound_url.as_deref(), application.status_url.as_deref());
        if checked.is_ok() {
            applications::change(tx, &application, now)?;
        }
        Ok(checked.map(|()| application))
    })?;
    let application = changed?;
    if change.more.json {
        say!("{}", serde_json::json!({ "application": application.id.to_string(), "changed": true }));
    } else {
        say!("{} was changed. It counts from the next request and the next call on.", application.name);
    }
    Ok(ExitCode::SUCCESS)
}

fn run_add(add: Add) -> Outcome {
    let (name, hosts) = (name_of(&add.name)?, hosts_of(&add.hosts)?);
    check_urls(&hosts, add.inbound_url.as_deref(), add.status_url.as_deref())?;
    let account = add.account.as_deref().map_or_else(|| Ok(account_sid()), |given| sid("--account", "AC", given))?;
    let service = add.service.as_deref().map_or_else(|| Ok(service_sid()), |given| sid("--service", "MG", given))?;
    let adopted = add.token_stdin;
    let secret = if adopted { read_token()? } else { token() };
    let wanted = add.senders.clone();
    let new = NewApplication {
        name: name.clone(),
        account_sid: account.clone(),
        service_sid: service.clone(),
        token: Phi::new(secret.clone()),
        category: add.category.into(),
        purpose: add.purpose.into(),
        hosts,
        inbound_url: add.inbound_url.clone(),
        status_url: add.status_url.clone(),
        senders: Vec::new(),
        requests_per_minute: add.requests_per_minute,
    };
    let ((id, addresses), place) = add.more.with(NO_SENDER, KNOWN, move |tx, now| {
        let known = senders::list(tx)?;
        let chosen = if wanted.is_empty() { known } else { senders_of(&known, &wanted)? };
        let ids: Vec<SenderId> = chosen.iter().map(|sender| sender.id).collect();
        let addresses: Vec<String> = chosen.iter().map(|sender| sender.address.clone()).collect();
        let id = applications::add(tx, &NewApplication { senders: ids, ..new.clone() }, now)?;
        Ok((id, addresses))
    })?;
    let base = &place.config.server.public_url;
    if add.more.json {
        let shown = (!adopted).then_some(&secret);
        say!(
            "{}",
            serde_json::json!({
                "application": id.to_string(), "name": name, "account": account, "token": shown, "service": service, "senders": addresses,
                "url": base,
            })
        );
        return Ok(ExitCode::SUCCESS);
    }
    say!("{name} ({id}) was added.");
    say!("Address    {base}");
    say!("Account    {account}");
    say!("Token      {}", if adopted { "as given".to_owned() } else { format!("{secret}   (shown once)") });
    say!("Service    {service}");
    say!("Senders    {}", if addresses.is_empty() { "none; add one before it can send".to_owned() } else { addresses.join(", ") });
    Ok(ExitCode::SUCCESS)
}

fn list(more: &OnPractice) -> Outcome {
    let (listed, _) = more.with(UNKNOWN, CHANGED, |tx, _| {
        let listed = applications::list(tx, LISTED_MAX)?;
        listed.into_iter().map(|application| Ok((applications::keys(tx, application.id)?, application))).collect::<Result<Vec<_>, _>>()
    })?;
    for (keys, application) in &listed {
        let senders: Vec<_> = application.senders.iter().map(|sender| sender.address.as_str()).collect();
        if more.json {
            let keys: Vec<_> = keys.iter().map(|(name, made_at)| serde_json::json!({ "key": name, "made": made_at.to_string() })).collect();
            say!(
                "{}",
                serde_json::json!({
                    "application": application.id.to_string(), "name": application.name, "account": application.account_sid,
                    "service": application.service_sid, "category": application.category.as_str(), "purpose": application.purpose.as_str(),
                    "hosts": application.hosts, "inbound_url": application.inbound_url, "status_url": application.status_url,
                    "senders": senders, "keys": keys, "requests_per_minute": application.requests_per_minute,
                    "added": application.created_at.to_string(), "disabled": application.disabled_at.map(|at| at.to_string()),
                })
            );
            continue;
        }
        let state = if application.disabled_at.is_some() { "  disabled" } else { "" };
        say!("{}  {}  {}{state}", application.id, application.account_sid, application.name);
        for (name, _) in keys {
            say!("  key {name}");
        }
    }
    if listed.is_empty() && !more.json {
        say!("None yet. Add one with `wellsent app add`.");
    }
    Ok(ExitCode::SUCCESS)
}

fn disable(id: &str, more: &OnPractice) -> Outcome {
    let named = id.to_owned();
    let ((application, changed), _) = more.with(UNKNOWN, CHANGED, move |tx, now| {
        let application = find(tx, &named)?;
        let changed = applications::disable(tx, application.id, now)?;
        Ok((application, changed))
    })?;
    if more.json {
        say!("{}", serde_json::json!({ "application": application.id.to_string(), "disabled": true, "changed": changed }));
        return Ok(ExitCode::SUCCESS);
    }
    let said = if changed { "is refused from its next request on" } else { "was disabled before; nothing was changed" };
    say!("{} {said}.", application.name);
    Ok(ExitCode::SUCCESS)
}

fn rotate(id: &str, token_stdin: bool, more: &OnPractice) -> Outcome {
    let (named, secret) = (id.to_owned(), if token_stdin { read_token()? } else { token() });
    let kept = Phi::new(secret.clone());
    let (application, _) = more.with(UNKNOWN, CHANGED, move |tx, now| {
        let application = find(tx, &named)?;
        applications::begin_rotation(tx, application.id, &kept, now)?;
        Ok(application)
    })?;
    if more.json {
        let shown = (!token_stdin).then_some(&secret);
        say!("{}", serde_json::json!({ "application": application.id.to_string(), "account": application.account_sid, "token": shown }));
        return Ok(ExitCode::SUCCESS);
    }
    say!("{} may use either token now. Calls to it are signed with the first one.", application.name);
    if !token_stdin {
        say!("Token      {secret}   (shown once)");
    }
    say!("When it uses the new one everywhere: wellsent app rotate {} --finish", application.id);
    Ok(ExitCode::SUCCESS)
}

fn finish(id: &str, more: &OnPractice) -> Outcome {
    let named = id.to_owned();
    let (application, _) = more.with(UNKNOWN, NO_SECOND, move |tx, now| {
        let application = find(tx, &named)?;
        applications::finish_rotation(tx, application.id, now)?;
        Ok(application)
    })?;
    if more.json {
        say!("{}", serde_json::json!({ "application": application.id.to_string(), "finished": true }));
    } else {
        say!("{}: the first token is refused, and calls are signed with the second.", application.name);
    }
    Ok(ExitCode::SUCCESS)
}

fn add_key(id: &str, more: &OnPractice) -> Outcome {
    let (named, name, secret) = (id.to_owned(), key_sid(), token());
    let (kept_name, kept) = (name.clone(), Phi::new(secret.clone()));
    let (application, _) = more.with(UNKNOWN, CHANGED, move |tx, now| {
        let application = find(tx, &named)?;
        applications::add_key(tx, application.id, &kept_name, &kept, now)?;
        Ok(application)
    })?;
    if more.json {
        say!("{}", serde_json::json!({ "application": application.id.to_string(), "key": name, "secret": secret }));
        return Ok(ExitCode::SUCCESS);
    }
    say!("{} has a key.", application.name);
    say!("Key        {name}");
    say!("Secret     {secret}   (shown once)");
    Ok(ExitCode::SUCCESS)
}

fn revoke_key(id: &str, key: &str, more: &OnPractice) -> Outcome {
    let (named, key) = (id.to_owned(), sid("the key", "SK", key)?);
    let revoked = key.clone();
    let (application, _) = more.with(UNKNOWN_OR_KEY, CHANGED, move |tx, now| {
        let application = find(tx, &named)?;
        applications::revoke_key(tx, application.id, &revoked, now)?;
        Ok(application)
    })?;
    if more.json {
        say!("{}", serde_json::json!({ "application": application.id.to_string(), "key": key, "revoked": true }));
    } else {
        say!("The key of {} is refused from its next request on.", application.name);
    }
    Ok(ExitCode::SUCCESS)
}
