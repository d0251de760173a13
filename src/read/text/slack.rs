//! A file of a Slack export: the messages of one channel on one day.

use std::collections::HashMap;

use serde::Deserialize;

use crate::error::Result;
use crate::read::{Input, ReadFile, dates};

use super::chat::Chat;

/// The most bytes of a name, which stands wherever its person is mentioned.
const MAX_NAME_BYTES: usize = 200;

/// A message. What only programs need is left out.
#[derive(Deserialize)]
struct Message {
    #[serde(rename = "type")]
    kind: String,
    ts: String,
    #[serde(default)]
    text: String,
    user: Option<String>,
    username: Option<String>,
    user_profile: Option<Profile>,
    #[serde(default)]
    files: Vec<File>,
}

#[derive(Deserialize)]
struct Profile {
    real_name: Option<String>,
    display_name: Option<String>,
    name: Option<String>,
}

#[derive(Deserialize)]
struct File {
    name: Option<String>,
}

/// Reads the messages of a channel.
pub(crate) fn slack(input: &Input<'_>) -> Result<ReadFile> {
    let text = input.text(false)?;
    let messages: Vec<Message> =
        serde_json::from_str(&text).map_err(|error| input.damaged(error.to_string()))?;
    let names: HashMap<&str, &str> = messages.iter().filter_map(known_name).collect();
    let mut chat = Chat::new(input);
    for (at, message) in messages.iter().enumerate().filter(|(_, one)| one.kind == "message") {
        if at.is_multiple_of(1000) {
            input.step(at as u64, messages.len() as u64, "messages")?;
        }
        let seconds = message.ts.split('.').next().and_then(|seconds| seconds.parse().ok());
        let (day, time) = seconds.and_then(dates::of_seconds).unwrap_or_default();
        let id = message.user.as_deref().unwrap_or("");
        let author = names.get(id).copied().or(message.username.as_deref()).unwrap_or(id);
        let mut text = shown(&message.text, &names, input.limits.text_bytes);
        for name in message.files.iter().filter_map(|file| file.name.as_deref()) {
            text.push_str(&format!(" [{name}]"));
        }
        chat.push(&day, &time, author, &text)?;
    }
    Ok(chat.finish()?.into())
}

/// The id of a message's author, and the name that a profile gives it.
fn known_name(message: &Message) -> Option<(&str, &str)> {
    let profile = message.user_profile.as_ref()?;
    let names = [&profile.real_name, &profile.display_name, &profile.name];
    let name = names.into_iter().flatten().find(|name| !name.is_empty())?;
    Some((message.user.as_deref()?, &name[..name.floor_char_boundary(MAX_NAME_BYTES)]))
}

/// The text of a message as Slack shows it: "<@U12>" is a name, "<https://…|label>" a label. It is cut
/// where it has more than `max_bytes`, and is too long for its file all the same.
fn shown(text: &str, names: &HashMap<&str, &str>, max_bytes: u64) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, link)) =
        rest.split_once('<').filter(|_| shown.len() as u64 <= max_bytes)
    {
        // Without a further end, nothing more is a link.
        let Some((link, after)) = link.split_once('>') else { break };
        shown.push_str(before);
        let (target, label) = link.split_once('|').unwrap_or((link, ""));
        match (target.strip_prefix('@'), label) {
            (Some(id), "") => {
                shown.push('@');
                shown.push_str(names.get(id).unwrap_or(&id));
            }
            (_, "") => shown.push_str(target.trim_start_matches(['!', '#'])),
            (_, label) if target.starts_with("http") && label != target => {
                shown.push_str(&format!("{label} ({target})"));
            }
            (_, label) => shown.push_str(label),
        }
        rest = after;
    }
    shown.push_str(rest);
    shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}
