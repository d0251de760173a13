//! YAML.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser};

use crate::error::Result;
use crate::read::blocks::DocumentBuilder;
use crate::read::{Input, ReadFile};

use super::data_lines;
use super::records::Records;
use super::tree::{Bounds, Tree};

/// The entries of a map among which a repeated key is looked for.
const MAX_REPLACED: usize = 64;

/// Reads YAML: "key: value" lines, headings for larger parts, tables for lists of records. A
/// file that is no YAML, such as a template of one, is read line by line.
pub(crate) fn yaml(input: &Input<'_>) -> Result<ReadFile> {
    let text = input.text(false)?;
    let bounds = Bounds::new(input);
    let tree = match TreeReader::new(&bounds).read(&text) {
        Ok(tree) => tree,
        Err(why) => {
            return match bounds.error() {
                Some(error) => Err(error),
                None => data_lines::read(input, &text, "YAML", &why),
            };
        }
    };
    let mut builder = DocumentBuilder::new(input);
    Records::new(&mut builder, input).write(&tree)?;
    Ok(builder.finish_within(input)?.into())
}

/// A list or a map whose end was not read yet.
struct Open {
    tree: Tree,
    /// The key of a map whose value comes next.
    key: Option<String>,
    anchor: usize,
}

struct TreeReader<'a> {
    bounds: &'a Bounds<'a>,
    open: Vec<Open>,
    documents: Vec<Tree>,
    /// What an alias stands for, by the number of its anchor.
    anchors: HashMap<usize, Tree>,
}

impl<'a> TreeReader<'a> {
    fn new(bounds: &'a Bounds<'a>) -> Self {
        Self { bounds, open: Vec::new(), documents: Vec::new(), anchors: HashMap::new() }
    }

    /// The tree of a file; a list where it has several documents.
    fn read(mut self, text: &str) -> Result<Tree, String> {
        for event in Parser::new_from_str(text) {
            let (event, _) = event.map_err(|error| error.to_string())?;
            self.read_event(event)?;
        }
        match self.documents.len() {
            1 => Ok(self.documents.remove(0)),
            _ => Ok(Tree::List(self.documents)),
        }
    }

    fn read_event(&mut self, event: Event<'_>) -> Result<(), String> {
        match event {
            Event::Scalar(text, _, anchor, _) => {
                self.count(1, text.len() as u64)?;
                self.add(Tree::Scalar(text.into_owned()), anchor)
            }
            Event::SequenceStart(anchor, _) => self.begin(Tree::List(Vec::new()), anchor),
            Event::MappingStart(anchor, _) => self.begin(Tree::Map(Vec::new()), anchor),
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(open) => self.add(open.tree, open.anchor),
                None => Ok(()),
            },
            Event::Alias(anchor) => {
                let Some(tree) = self.anchors.get(&anchor) else {
                    return self.add(Tree::Scalar("*".to_owned()), 0);
                };
                let depth = self.open.len() as u32 + depth_of(tree);
                if !self.bounds.allows(depth) {
                    return Err("too deep".to_owned());
                }
                // Counted before it is copied: aliases of aliases multiply.
                let (values, bytes) = tree.size();
                self.count(values, bytes)?;
                let tree = tree.clone();
                self.add(tree, 0)
            }
            _ => Ok(()),
        }
    }

    fn count(&self, values: u32, bytes: u64) -> Result<(), String> {
        if self.bounds.take(values, bytes) { Ok(()) } else { Err("too large".to_owned()) }
    }

    fn begin(&mut self, tree: Tree, anchor: usize) -> Result<(), String> {
        self.count(1, 0)?;
        if !self.bounds.allows(self.open.len() as u32 + 1) {
            return Err("too deep".to_owned());
        }
        self.open.push(Open { tree, key: None, anchor });
        Ok(())
    }

    fn add(&mut self, tree: Tree, anchor: usize) -> Result<(), String> {
        if anchor > 0 {
            let (values, bytes) = tree.size();
            self.count(values, bytes)?;
            self.anchors.insert(anchor, tree.clone());
        }
        let Some(open) = self.open.last_mut() else {
            self.documents.push(tree);
            return Ok(());
        };
        match (&mut open.tree, open.key.take()) {
            (Tree::List(values), _) => values.push(tree),
            // A merged map belongs to the map around it.
            (Tree::Map(entries), Some(key)) if key == "<<" => match tree {
                Tree::Map(merged) => entries.extend(merged),
                other => entries.push((key, other)),
            },
            (Tree::Map(entries), Some(key)) => {
                // A key of its own replaces that of a merged map, which stands first.
                let mut first = entries.iter_mut().take(MAX_REPLACED);
                match first.find(|(known, _)| *known == key) {
                    Some(entry) => entry.1 = tree,
                    None => entries.push((key, tree)),
                }
            }
            (Tree::Map(_), None) => {
                let key = tree.scalar().map_or_else(|| "?".to_owned(), str::to_owned);
                open.key = Some(key);
            }
            (Tree::Scalar(_), _) => {}
        }
        Ok(())
    }
}

fn depth_of(tree: &Tree) -> u32 {
    match tree {
        Tree::Scalar(_) => 0,
        Tree::List(values) => 1 + values.iter().map(depth_of).max().unwrap_or(0),
        Tree::Map(entries) => {
            1 + entries.iter().map(|(_, value)| depth_of(value)).max().unwrap_or(0)
        }
    }
}
