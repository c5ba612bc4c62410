//! `agreement`: the register of agreements (BAA) with carriers (H-19).

use super::on_practice::OnPractice;
use super::{Outcome, Usage};
use aws_lc_rs::digest::{SHA256, digest};
use jiff::civil::Date;
use std::path::PathBuf;
use std::process::ExitCode;
use std::str::FromStr;
use wellsent_domain::AgreementId;
use wellsent_domain::practice::{Agreement, EndStage, Service, Services};
use wellsent_store::agreements::{self, StoredAgreement};
use wellsent_store::{StoreError, practices};

const HELP: &str = "\
Examples:
  wellsent agreement add --carrier twilio-main --party \"Twilio Inc.\" --from 2026-03-01 --until 2027-02-28 --file baa-signed.pdf
  wellsent agreement list
  wellsent agreement end agr_0198c3f2a8b97def8123456789abcdef

Of the signed file its SHA-256 is kept and the file itself is not: keep it where you keep contracts. The account that the agreement was marked
for at the carrier is taken from the settings unless --account names another. No text goes over an account that no agreement in force names.
Beside a server that runs on the embedded database, stop the server first.";

/// What `agreement` takes.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, clap::Subcommand)]
enum Act {
    /// Record a signed agreement
    Add {
        /// The carrier account, by its name in the settings
        #[arg(long, value_name = "NAME")]
        carrier: String,
        /// The other party, as it signed
        #[arg(long, value_name = "NAME")]
        party: String,
        /// The first day in force
        #[arg(long, value_name = "DATE")]
        from: Date,
        /// The last day in force; without it the agreement has no end
        #[arg(long, value_name = "DATE")]
        until: Option<Date>,
        /// A service that it covers; repeat for more
        #[arg(long, value_enum, default_value = "sms")]
        service: Vec<ServiceArg>,
        /// The account at the carrier that was marked for it
        #[arg(long, value_name = "ID")]
        account: Option<String>,
        /// The signed file
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
        #[command(flatten)]
        more: OnPractice,
    },
    /// List the agreements
    List(OnPractice),
    /// End an agreement at once: texts over its carrier wait from now on
    End {
        /// The agreement, as `agreement list` names it
        id: String,
        #[command(flatten)]
        more: OnPractice,
    },
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum ServiceArg {
    /// Texts
    Sms,
    /// Looking numbers up
    Lookup,
    /// Codes that the carrier makes and checks
    Verify,
}

impl From<ServiceArg> for Service {
    fn from(service: ServiceArg) -> Self {
        match service {
            ServiceArg::Sms => Self::Sms,
            ServiceArg::Lookup => Self::Lookup,
            ServiceArg::Verify => Self::Verify,
        }
    }
}

const UNKNOWN: &str = "the practice has no agreement with this id; see `wellsent agreement list`";
const STALE: &str = "this agreement was ended before; nothing was changed";

/// Runs `agreement`.
pub fn run(args: Args) -> Outcome {
    match args.act {
        Act::Add { carrier, party, from, until, service, account, file, more } => {
            if until.is_some_and(|until| until < from) {
                return Err(Usage("--until lies before --from".into()).into());
            }
            let party = party.trim().to_owned();
            if party.is_empty() || party.chars().count() > 120 || party.contains(char::is_control) {
                return Err(Usage("--party: give the name of who signed, on one line".into()).into());
            }
            let file_digest = match &file {
                None => None,
                Some(path) => Some(sha256(&std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?)),
            };
            let services: Vec<Service> = service.into_iter().map(Service::from).collect();
            add(
                carrier,
                party,
                Agreement { services: Services::of(&services), ..Agreement::for_texts(from, until) },
                account,
                file_digest,
                &more,
            )
        }
        Act::List(more) => list(&more),
        Act::End { id, more } => {
            let id = AgreementId::from_str(&id).map_err(|error| Usage(format!("{error}; `wellsent agreement list` names them")))?;
            let (_, _) = more.with(UNKNOWN, STALE, move |tx, now| agreements::end(tx, id, now))?;
            if more.json {
                say!("{}", serde_json::json!({ "agreement": id.to_string(), "ended": true }));
            } else {
                say!("The agreement has ended. Texts over its carrier wait, unless another agreement covers it.");
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn add(
    carrier: String,
    party: String,
    agreement: Agreement,
    account: Option<String>,
    digest: Option<[u8; 32]>,
    more: &OnPractice,
) -> Outcome {
    let place = more.place()?;
    let configured = place.config.carriers.iter().find(|settings| settings.name() == carrier).map(|settings| settings.account().to_owned());
    let known = configured.is_some() || carrier == "simulator";
    let agreement = Agreement { account: account.clone().or(configured.clone()), ..agreement };
    let kept = (carrier.clone(), agreement);
    let (stored, _) = more.with(UNKNOWN, STALE, move |tx, now| {
        let id = agreements::add(tx, &kept.0, &party, kept.1.clone(), digest, now)?;
        agreements::list(tx)?.into_iter().find(|stored| stored.id == id).ok_or(StoreError::NotFound { what: "agreement" })
    })?;
    show(&stored, None, more.json)?;
    if !more.json {
        if !known {
            say!("Note: the settings have no carrier account named {carrier:?} yet.");
        } else if account.is_some() && account != configured {
            say!("Note: the settings use another account; texts over {carrier} wait until they use the one that the agreement names.");
        }
        if stored.file_digest.is_none() {
            say!("Note: no --file was given. Without its digest nobody can show later which paper was meant.");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The digest by which the signed file can be told later.
fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest(&SHA256, bytes).as_ref());
    out
}

fn list(more: &OnPractice) -> Outcome {
    let ((listed, zone, now), _) =
        more.with(UNKNOWN, STALE, |tx, now| Ok((agreements::list(tx)?, practices::get(tx)?.practice.zone, now)))?;
    for stored in &listed {
        let stage = match (stored.agreement.in_force(now, &zone), stored.agreement.end_stage(now, &zone)) {
            (_, EndStage::Over) => "over",
            (false, _) => "not yet in force",
            (true, EndStage::Soon) => "ends soon",
            (true, EndStage::Far) => "in force",
        };
        show(stored, Some(stage), more.json)?;
    }
    if listed.is_empty() && !more.json {
        say!("None yet. Record one with `wellsent agreement add`.");
    }
    Ok(ExitCode::SUCCESS)
}

fn show(stored: &StoredAgreement, stage: Option<&str>, json: bool) -> std::io::Result<()> {
    let agreement = &stored.agreement;
    let digest = stored.file_digest.map(|digest| digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    if json {
        say!(
            "{}",
            serde_json::json!({
                "agreement": stored.id.to_string(),
                "carrier": stored.carrier,
                "party": stored.party,
                "from": agreement.from.to_string(),
                "until": agreement.until.map(|day| day.to_string()),
                "ended": agreement.ended_at.map(|at| at.to_string()),
                "services": agreement.services.iter().map(Service::as_str).collect::<Vec<_>>(),
                "account": agreement.account,
                "file_sha256": digest,
                "stage": stage,
            })
        );
    } else {
        let until = agreement.until.map(|day| format!(" until {day}")).unwrap_or_default();
        let account = agreement.account.as_deref().map(|account| format!(" for {account}")).unwrap_or_default();
        let stage = stage.map(|stage| format!("  {stage}")).unwrap_or_default();
        say!(
            "{}  {} with {}{account}: {} from {}{until}{stage}",
            stored.id,
            stored.carrier,
            stored.party,
            agreement.services.to_words(),
            agreement.from
        );
        if let Some(digest) = digest {
            say!("    file SHA-256 {digest}");
        }
    }
    Ok(())
}
