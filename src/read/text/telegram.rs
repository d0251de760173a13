//! A Telegram export in JSON: one chat, or all of an account.

use serde::Deserialize;
use serde_json::Value;

use crate::error::Result;
use crate::read::{Input, ReadFile, dates};

use super::chat::Chat;

#[derive(Deserialize)]
struct Export {
    #[serde(flatten)]
    chat: OneChat,
    #[serde(default)]
    chats: Chats,
}

#[derive(Deserialize, Default)]
struct Chats {
    #[serde(default)]
    list: Vec<OneChat>,
}

#[derive(Deserialize)]
struct OneChat {
    name: Option<String>,
    #[serde(default)]
    messages: Vec<Message>,
}

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    date: String,
    from: Option<String>,
    actor: Option<String>,
    action: Option<String>,
    /// A string, or a list of strings and of objects with a `text`.
    #[serde(default)]
    text: Value,
    file_name: Option<String>,
}

/// Reads the messages of all chats.
pub(crate) fn telegram(input: &Input<'_>) -> Result<ReadFile> {
    let text = input.text(false)?;
    let export: Export =
        serde_json::from_str(&text).map_err(|error| input.damaged(error.to_string()))?;
    let mut chat = Chat::new(input);
    let chats = std::iter::once(export.chat).chain(export.chats.list);
    for one in chats.filter(|one| !one.messages.is_empty()) {
        chat.begin(one.name.as_deref().unwrap_or("Saved messages"));
        let total = one.messages.len() as u64;
        for (at, message) in one.messages.iter().enumerate() {
            if at.is_multiple_of(1000) {
                input.step(at as u64, total, "messages")?;
            }
            write(message, &mut chat)?;
        }
    }
    Ok(chat.finish()?.into())
}

fn write(message: &Message, chat: &mut Chat<'_>) -> Result<()> {
    let (day, time) = dates::of_iso(&message.date).unwrap_or_default();
    let mut text = plain(&message.text);
    if let Some(action) = &message.action {
        text = format!("{} {text}", action.replace('_', " "));
    }
    if let Some(name) = &message.file_name {
        text = format!("{text} [{name}]");
    }
    let author = message.from.as_deref().or(message.actor.as_deref()).unwrap_or("");
    chat.push(&day, &time, author, &text)
}

fn plain(text: &Value) -> String {
    match text {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(plain).collect(),
        Value::Object(part) => part.get("text").map(plain).unwrap_or_default(),
        _ => String::new(),
    }
}
