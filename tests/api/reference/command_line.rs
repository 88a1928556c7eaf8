//! The command line, by what its help says.

use std::fmt::Write;

use clap::{Arg, ArgAction, Command, CommandFactory};
use hallpass::cli::Cli;

use super::{Page, cell, code, table};

/// The program with what clap adds, but for help, which every command has.
fn program() -> Command {
    let mut program = Cli::command().disable_help_subcommand(true).disable_help_flag(true);
    program.build();
    program
}

/// What an argument looks like where it is given.
fn usage(argument: &Arg) -> String {
    let names = argument.get_value_names().unwrap_or_default().iter().map(ToString::to_string);
    let value = names.collect::<Vec<_>>().join(" ");
    let takes_value = matches!(argument.get_action(), ArgAction::Set | ArgAction::Append);
    let may_be_alone = argument.get_num_args().is_some_and(|count| count.min_values() == 0);
    let repeats = if matches!(argument.get_action(), ArgAction::Append) { " …" } else { "" };
    match argument.get_long() {
        Some(long) if takes_value && may_be_alone => format!("--{long} [{value}]"),
        Some(long) if takes_value => format!("--{long} {value}{repeats}"),
        Some(long) => format!("--{long}"),
        None => format!("{value}{repeats}"),
    }
}

/// What an argument is, its values and its default with it.
fn about(argument: &Arg) -> String {
    let help = argument.get_long_help().or_else(|| argument.get_help());
    let mut words = cell(&help.map_or_else(String::new, ToString::to_string));
    let takes_value = matches!(argument.get_action(), ArgAction::Set | ArgAction::Append);
    let values: Vec<String> = argument
        .get_possible_values()
        .iter()
        .filter(|value| {
            !value.is_hide_set() && takes_value && argument.get_num_args().is_none_or(|n| n.min_values() > 0)
        })
        .map(|value| code(value.get_name()))
        .collect();
    if !values.is_empty() {
        let _ = write!(words, ": {}", values.join(", "));
    }
    let defaults = argument.get_default_values().iter().map(|value| code(&value.to_string_lossy()));
    let defaults: Vec<String> = defaults.filter(|_| takes_value).collect();
    if !defaults.is_empty() {
        let _ = write!(words, ". {} unless it is said", defaults.join(", "));
    }
    words
}

/// The arguments of a command alone, those first that have a place.
fn own(command: &Command) -> Vec<&Arg> {
    let is_own =
        |argument: &&Arg| !argument.is_global_set() && !["help", "version"].contains(&argument.get_id().as_str());
    let (placed, named): (Vec<&Arg>, Vec<&Arg>) =
        command.get_arguments().filter(is_own).partition(|argument| argument.is_positional());
    placed.into_iter().chain(named).collect()
}

/// One command: its name, what it does, what it takes.
fn describe(path: &str, command: &Command) -> String {
    let arguments = own(command);
    let needed = arguments.iter().filter(|argument| argument.is_required_set() || argument.is_positional());
    let needed = needed.fold(String::new(), |mut text, argument| {
        let (open, close) = if argument.is_required_set() { ("", "") } else { ("[", "]") };
        let _ = write!(text, " {open}{}{close}", usage(argument));
        text
    });
    let words = command.get_long_about().or_else(|| command.get_about()).map_or_else(String::new, ToString::to_string);
    let mut text = format!("### `hallpass {path}{needed}`\n\n{}.\n\n", cell(&words));
    if !arguments.is_empty() {
        let rows = arguments.iter().map(|argument| [code(&usage(argument)), about(argument)]);
        let _ = writeln!(text, "{}", table(["", ""], rows));
    }
    text
}

/// A command and all below it, or none of it when it only leads to others.
fn walk(path: &str, command: &Command) -> String {
    if !command.has_subcommands() {
        return describe(path, command);
    }
    command.get_subcommands().map(|inner| walk(&format!("{path} {}", inner.get_name()), inner)).collect()
}

#[test]
fn the_commands_are_those_of_the_program() {
    let program = program();
    let mut page = Page::open("reference/command-line.md");
    let parts: Vec<String> = page.parts().into_iter().filter(|part| part != "options").collect();

    let shown: Vec<&str> = parts.iter().flat_map(|part| part.split(' ')).collect();
    let mut known: Vec<&str> = program.get_subcommands().map(Command::get_name).collect();
    known.retain(|name| !shown.contains(name));
    assert!(known.is_empty(), "no part of docs/reference/command-line.md is about {known:?}");

    for part in &parts {
        let commands = part.split(' ').map(|name| {
            walk(name, program.find_subcommand(name).unwrap_or_else(|| panic!("there is no command `{name}`")))
        });
        let text: String = commands.collect();
        page = page.with(part, &text);
    }
    let options = program.get_arguments().filter(|argument| argument.is_global_set());
    let rows = options.map(|argument| [code(&usage(argument)), about(argument)]);
    page.with("options", &table(["", ""], rows)).hold();
}
