//! The files of a generator and of its adapters.

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use async_trait::async_trait;
use multimodal_rag::{AdapterFiles, Generator, GeneratorSource, Result, Task};

use crate::Failure;
use crate::files::{FileSource, read_file};
use crate::models::missing;
use crate::runtime::NativeRuntime;

/// The files that PEFT writes into a folder.
const PEFT_WEIGHTS: &str = "adapter_model.safetensors";
const PEFT_CONFIG: &str = "adapter_config.json";

/// A generator file and its adapters. They are loaded when they are first needed.
pub(crate) struct GeneratorFile {
    path: PathBuf,
    adapters: Vec<AdapterArgument>,
}

/// The value of `--adapter`: a file or folder, and perhaps "=" and a scale.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AdapterArgument {
    path: PathBuf,
    scale: f32,
}

impl GeneratorFile {
    pub(crate) fn new(path: PathBuf, adapters: Vec<AdapterArgument>) -> Result<Self, Failure> {
        if !path.exists() {
            return Err(missing(&path, "--generator"));
        }
        if let Some(AdapterArgument { path, .. }) = adapters.iter().find(|it| !it.path.exists()) {
            return Err(format!("{} does not exist.", path.display()).into());
        }
        Ok(Self { path, adapters })
    }
}

#[async_trait(?Send)]
impl GeneratorSource for GeneratorFile {
    async fn load(&self, task: &Task) -> Result<Generator> {
        let (file, runtime) = (FileSource::open(&self.path)?, NativeRuntime::new());
        let mut generator = Generator::load(&file, &runtime, task).await?;
        for AdapterArgument { path, scale } in &self.adapters {
            let is_peft = path.is_dir() || path.extension().is_some_and(|it| it == "safetensors");
            if is_peft {
                let (weights, config) = peft_files(path)?;
                let files = AdapterFiles::Peft { weights: &weights, config: &config };
                generator.add_adapter(files, *scale, &runtime, task).await?;
            } else {
                let files = AdapterFiles::Gguf(&FileSource::open(path)?);
                generator.add_adapter(files, *scale, &runtime, task).await?;
            }
        }
        Ok(generator)
    }
}

/// The weights and the config of PEFT, in a folder or beside a file of weights.
fn peft_files(path: &Path) -> Result<(FileSource, String)> {
    let weights = if path.is_dir() { path.join(PEFT_WEIGHTS) } else { path.to_owned() };
    let config = read_file(&weights.with_file_name(PEFT_CONFIG))?;
    Ok((FileSource::open(&weights)?, String::from_utf8_lossy(&config).into_owned()))
}

impl FromStr for AdapterArgument {
    type Err = Infallible;

    /// What follows the last "=" is the scale if it is a number, else a part of the name.
    fn from_str(argument: &str) -> Result<Self, Infallible> {
        let named = argument.rsplit_once('=');
        let scaled = named.and_then(|(path, scale)| Some((path, scale.parse().ok()?)));
        let (path, scale) = scaled.unwrap_or((argument, 1.0));
        Ok(Self { path: path.into(), scale })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_adapter_may_have_a_scale_after_its_name() {
        let cases = [
            ("law.gguf", "law.gguf", 1.0),
            ("law.gguf=0.5", "law.gguf", 0.5),
            ("a=b/law=-2", "a=b/law", -2.0),
            ("rank=4.gguf", "rank=4.gguf", 1.0),
        ];
        for (argument, path, scale) in cases {
            let expected = AdapterArgument { path: path.into(), scale };
            assert_eq!(argument.parse(), Ok(expected), "{argument}");
        }
    }
}
