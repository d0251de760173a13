//! Messages of JSON-RPC 2.0 (<https://www.jsonrpc.org/specification>).

use serde::Deserialize;
use serde_json::{Value, json};

pub(super) const PARSE_ERROR: i32 = -32700;
pub(super) const INVALID_REQUEST: i32 = -32600;
pub(super) const METHOD_NOT_FOUND: i32 = -32601;
pub(super) const INVALID_PARAMS: i32 = -32602;
/// Of the Model Context Protocol.
pub(super) const RESOURCE_NOT_FOUND: i32 = -32002;

/// What a client sends.
#[derive(Debug, Deserialize)]
pub(super) struct Message {
    /// Absent of a notification, which is not answered.
    #[serde(default)]
    pub(super) id: Option<Value>,
    /// Absent of an answer; the server asks nothing, so that one is ignored.
    #[serde(default)]
    pub(super) method: Option<String>,
    #[serde(default)]
    pub(super) params: Value,
}

/// An error of the protocol.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) code: i32,
    pub(super) message: String,
}

impl Refused {
    pub(super) fn new(code: i32, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

impl Message {
    /// The message of a line.
    pub(super) fn parse(line: &[u8]) -> Result<Self, Refused> {
        let value: Value = serde_json::from_slice(line).map_err(|error| {
            Refused::new(PARSE_ERROR, format!("The line is not JSON: {error}."))
        })?;
        let invalid = |what: &str| Refused::new(INVALID_REQUEST, format!("{what}."));
        if !value.is_object() {
            return Err(invalid("A message is one object of JSON, on one line"));
        }
        let message: Self = serde_json::from_value(value)
            .map_err(|error| invalid(&format!("This is no message: {error}")))?;
        match &message.id {
            None | Some(Value::String(_) | Value::Number(_)) => Ok(message),
            Some(_) => Err(invalid("An id is a string or a number")),
        }
    }
}

/// The answer to a request.
pub(super) fn response(id: Value, result: Result<Value, Refused>) -> Value {
    match result {
        Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
        Err(Refused { code, message }) => {
            json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message } })
        }
    }
}

pub(super) fn notification(method: &str, params: Value) -> Value {
    json!({ "jsonrpc": "2.0", "method": method, "params": params })
}
