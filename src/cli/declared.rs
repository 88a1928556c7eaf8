//! `hallpass apply`: apps, resources and providers as `hallpass.toml` declares them.

use clap::Args;
use serde_json::{Value, json};

use super::output::{Output, note};
use super::{Failure, Global};
use crate::flow::{Difference, Verb};

/// Makes apps, resources and providers as hallpass.toml declares them.
#[derive(Debug, Args)]
pub(super) struct Apply {
    /// Prints the difference and changes nothing.
    #[arg(long)]
    dry_run: bool,
}

impl Apply {
    pub(super) async fn run(&self, global: &Global, output: Output) -> Result<(), Failure> {
        let settings = global.settings()?;
        let differences = global.flows().await?.apply_declared(&settings, self.dry_run).await?;
        if differences.is_empty() && !output.is_json() {
            note("nothing to do: everything is as it is declared");
            return Ok(());
        }
        let rows: Vec<Value> = differences.iter().map(json_of).collect();
        output.print(&rows, || differences.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
        Ok(())
    }
}

fn json_of(difference: &Difference) -> Value {
    let verb = match difference.verb {
        Verb::Create => "create",
        Verb::Update => "update",
        Verb::Release => "release",
    };
    let fields = difference.fields.iter().map(|(field, old, new)| json!({ "field": field, "old": old, "new": new }));
    json!({ "verb": verb, "what": difference.what, "name": difference.name, "fields": fields.collect::<Vec<_>>() })
}
