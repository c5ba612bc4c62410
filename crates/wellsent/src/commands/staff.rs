//! `staff`: who may sign in.

use super::{Outcome, Usage, link, practice_of};
use crate::config::Installation;
use crate::open::open_finished;
use std::process::ExitCode;
use std::str::FromStr;
use wellsent_db::Options;
use wellsent_domain::StaffId;
use wellsent_domain::staff::Role;
use wellsent_engine::Clock;
use wellsent_store::sessions::{self, StaffMember};
use wellsent_store::{Access, Actor, StoreError, Tx};
use wellsent_vault::random_token;

/// More members of staff than any practice has.
const LISTED_MAX: i64 = 10_000;

const HELP: &str = "\
Examples:
  wellsent staff add --name \"Dana Whitfield\" --role front-desk
  wellsent staff list
  wellsent staff disable stf_0198c3f2a8b97def8123456789abcdef

A link signs its member in once and can be used for 30 minutes. Beside a server that runs on the embedded database, stop the server first.";

/// What `staff` takes.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, clap::Subcommand)]
enum Act {
    /// Add a member and print a one-time link for signing in
    Add {
        /// The name, as colleagues and the ledger's readers see it
        #[arg(long)]
        name: String,
        /// What the member does
        #[arg(long, value_enum)]
        role: RoleArg,
        #[command(flatten)]
        more: More,
    },
    /// List all members, with those who were disabled
    List(More),
    /// End a member's access: sessions end at once, links are void
    Disable {
        /// The member, as `staff list` names them
        id: String,
        #[command(flatten)]
        more: More,
    },
    /// Print a new one-time link; older links are void and open sessions end
    Reset {
        /// The member, as `staff list` names them
        id: String,
        #[command(flatten)]
        more: More,
    },
}

/// What every act takes.
#[derive(Debug, clap::Args)]
struct More {
    #[command(flatten)]
    data: super::DataArgs,
    /// The practice, where the installation has several
    #[arg(long, value_name = "ID")]
    practice: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum RoleArg {
    /// Appointments, check-in, the inbox
    FrontDesk,
    /// Care
    Clinician,
    /// Runs the practice, answers for compliance
    Manager,
}

impl From<RoleArg> for Role {
    fn from(role: RoleArg) -> Self {
        match role {
            RoleArg::FrontDesk => Self::FrontDesk,
            RoleArg::Clinician => Self::Clinician,
            RoleArg::Manager => Self::Manager,
        }
    }
}

/// Runs `staff`.
pub fn run(args: Args) -> Outcome {
    match args.act {
        Act::Add { name, role, more } => add(&name, role.into(), &more),
        Act::List(more) => list(&more),
        Act::Disable { id, more } => disable(parsed(&id)?, &more),
        Act::Reset { id, more } => reset(parsed(&id)?, &more),
    }
}

fn parsed(id: &str) -> Result<StaffId, Usage> {
    StaffId::from_str(id).map_err(|error| Usage(format!("{error}; `wellsent staff list` names the members")))
}

/// Runs a job on the practice, in one transaction of the operator.
fn with<T: Send + 'static>(
    more: &More,
    mut job: impl FnMut(&mut Tx<'_, '_>, jiff::Timestamp) -> Result<T, StoreError> + Send + 'static,
) -> Result<(T, Installation), Box<dyn std::error::Error>> {
    let place = Installation::load(&more.data.data)?;
    let now = Clock::system().now();
    let store = open_finished(&place, Options::default(), now)?.store;
    let practice = practice_of(&store, more.practice.as_deref())?;
    let access = Access { practice, actor: Actor::Operator };
    let done = store.write_wait(access, move |tx: &mut Tx<'_, '_>| job(tx, now));
    store.db().close();
    match done {
        Ok(done) => Ok((done, place)),
        Err(StoreError::NotFound { .. }) => Err("the practice has no member of staff with this id; see `wellsent staff list`".into()),
        Err(StoreError::Stale { .. }) => Err("this member is disabled; add them again with `wellsent staff add`".into()),
        Err(error) => Err(error.into()),
    }
}

fn add(name: &str, role: Role, more: &More) -> Outcome {
    let name = name.trim().to_owned();
    if name.is_empty() || name.chars().count() > 80 || name.contains(char::is_control) {
        return Err(Usage("--name: give a name of at most 80 characters, on one line".into()).into());
    }
    let (secret, kept) = (random_token(), name.clone());
    let link_secret = secret.clone();
    let (id, place) = with(more, move |tx, now| {
        let id = sessions::add_staff(tx, &kept, role, now)?;
        sessions::add_link(tx, id, &link_secret, now + link::VALID, now)?;
        Ok(id)
    })?;
    say_link(more, id, &name, role, &place, &secret, "was added")
}

fn reset(id: StaffId, more: &More) -> Outcome {
    let secret = random_token();
    let kept = secret.clone();
    let (member, place) = with(more, move |tx, now| {
        sessions::reset_staff(tx, id, &kept, now + link::VALID, now)?;
        sessions::get_staff(tx, id)
    })?;
    say_link(more, id, &member.name, member.role, &place, &secret, "has a new link; whatever was open before is closed")
}

fn say_link(more: &More, id: StaffId, name: &str, role: Role, place: &Installation, secret: &str, done: &str) -> Outcome {
    let link = link::of(&place.config.server.public_url, secret);
    if more.json {
        say!("{}", serde_json::json!({ "staff": id.to_string(), "name": name, "role": role.as_str(), "link": link }));
    } else {
        say!("{name} ({}, {id}) {done}.", role.title());
        say!("Sign in (once, within 30 minutes): {link}");
    }
    Ok(ExitCode::SUCCESS)
}

fn disable(id: StaffId, more: &More) -> Outcome {
    let ((was_active, member, managers), _) = with(more, move |tx, now| {
        let was_active = sessions::disable_staff(tx, id, now)?;
        let all = sessions::list_staff(tx, LISTED_MAX)?;
        let managers = all.iter().filter(|member| member.role == Role::Manager && member.disabled_at.is_none()).count();
        Ok((was_active, sessions::get_staff(tx, id)?, managers))
    })?;
    if more.json {
        say!("{}", serde_json::json!({ "staff": id.to_string(), "name": member.name, "disabled": true, "changed": was_active }));
        return Ok(ExitCode::SUCCESS);
    }
    match was_active {
        true => say!("{} may not sign in any more, and open sessions have ended.", member.name),
        false => say!("{} was disabled before; nothing was changed.", member.name),
    }
    if managers == 0 {
        say!("Note: the practice has no manager now. Add one with `wellsent staff add --role manager`.");
    }
    Ok(ExitCode::SUCCESS)
}

fn list(more: &More) -> Outcome {
    let (members, _) = with(more, |tx, _| sessions::list_staff(tx, LISTED_MAX))?;
    for StaffMember { id, name, role, added_at, disabled_at } in &members {
        let disabled = disabled_at.map(|at| at.to_string());
        if more.json {
            let added = added_at.to_string();
            say!(
                "{}",
                serde_json::json!({ "staff": id.to_string(), "name": name, "role": role.as_str(), "added": added, "disabled": disabled })
            );
        } else {
            let state = if disabled.is_some() { "  disabled" } else { "" };
            say!("{id}  {:<10}  {name}{state}", role.title());
        }
    }
    if members.is_empty() && !more.json {
        say!("Nobody yet. Add somebody with `wellsent staff add`.");
    }
    Ok(ExitCode::SUCCESS)
}
