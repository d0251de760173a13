//! The steps of a FastViT, from the tensors of timm's names.

use super::kernels::{ChannelNorm, Kernels};
use crate::error::Result;
use crate::kernel::{Activation, DepthwiseWeights};
use crate::model::corrupt;
use crate::model::image_encoder::config::FastVitConfig;
use crate::model::weights::Weights;
use crate::network::{
    Function, Matrix, PixelOperation, Plan, Precision, Source, Step, ValueId, Window,
};

/// Channels of a head of attention.
const HEAD: usize = 32;
/// The hidden layer of a block is so many times as wide.
const HIDDEN: usize = 3;
/// Gates of a downsampling, and of the last convolution, go through so many times fewer channels.
const NARROWER: usize = 4;
const LAST_NARROWER: usize = 16;
/// The first stage whose downsampling has gates.
const FIRST_GATED: usize = 2;
/// Sides of kernels.
const SMALL: usize = 3;
const LARGE: usize = 7;
const GELU: PixelOperation = PixelOperation::Activate(Function::Kernel(Activation::Gelu));

/// Steps, as far as they are known.
pub(super) struct Builder<'a> {
    weights: &'a Weights<'a>,
    precision: Precision,
    steps: Vec<(Step, ValueId)>,
    /// The value that was computed last.
    last: ValueId,
}

impl<'a> Builder<'a> {
    pub(super) fn new(weights: &'a Weights<'a>, precision: Precision) -> Self {
        Self { weights, precision, steps: Vec::new(), last: 0 }
    }

    /// The whole trunk, whose output is one pixel of `outputs` channels. Calls `report` after each
    /// block.
    pub(super) async fn build(
        mut self,
        prefix: &str,
        config: &FastVitConfig,
        outputs: usize,
        report: impl Fn(),
    ) -> Result<Plan> {
        let mut width = config.width;
        self.stem(&format!("{prefix}.stem"), width).await?;
        for (stage, &blocks) in config.blocks.iter().enumerate() {
            let name = format!("{prefix}.stages.{stage}");
            let is_last = stage == config.blocks.len() - 1;
            if stage > 0 {
                width *= 2;
                let gates = (stage >= FIRST_GATED).then_some(width / NARROWER);
                self.downsample(&format!("{name}.downsample.proj"), width, gates).await?;
            }
            if is_last {
                self.positions(&format!("{name}.pos_emb.pos_enc"), width).await?;
            }
            for block in 0..blocks {
                let name = format!("{name}.blocks.{block}");
                if is_last {
                    self.attention(&name, width).await?;
                } else {
                    self.mix(&name, width).await?;
                }
                report();
            }
        }
        self.head(prefix, width, outputs).await?;
        Ok(Plan::new(self.steps, self.last))
    }

    /// Two convolutions that halve the picture each, and one of single pixels.
    async fn stem(&mut self, name: &str, width: usize) -> Result<()> {
        let kernels = self.branches(&format!("{name}.0"), [width, 3], SMALL).await?;
        let matrix = self.matrix(kernels)?;
        let patches = Source::Patches(self.last, window(SMALL, 2));
        self.push(patches, vec![PixelOperation::Multiply(matrix), GELU]);
        let depthwise = self.branches(&format!("{name}.1"), [width, 1], SMALL).await?;
        let source = self.depthwise(depthwise, 2);
        let matrix = self.pixel_branches(&format!("{name}.2"), width).await?;
        self.push(source, vec![GELU, PixelOperation::Multiply(matrix), GELU]);
        Ok(())
    }

    /// Half as many pixels a side, and twice as many channels. `gates`: channels of the hidden layer
    /// of gates, if there are any.
    async fn downsample(&mut self, name: &str, width: usize, gates: Option<usize>) -> Result<()> {
        let mut kernels = Kernels::new([width, 1], LARGE);
        kernels.add(self.weights, &format!("{name}.0.large_conv"), LARGE).await?;
        kernels.add(self.weights, &format!("{name}.0.small_conv"), SMALL).await?;
        self.last = self.push_step(Step::Twice(self.last));
        let matrix = self.pixel_branches(&format!("{name}.1"), width).await?;
        let then = vec![GELU, PixelOperation::Multiply(matrix), GELU];
        let source = self.depthwise(kernels, 2);
        self.gated(source, gates, &format!("{name}.0.se"), width, then).await
    }

    /// What is at a place says where it is (Chu et al. 2021, <https://arxiv.org/abs/2102.10882>).
    async fn positions(&mut self, name: &str, width: usize) -> Result<()> {
        let mut kernels = self.plain(name, [width, 1], LARGE).await?;
        kernels.add_diagonal(&vec![1.0; width]);
        let source = self.depthwise(kernels, 1);
        self.push(source, Vec::new());
        Ok(())
    }

    /// A block whose pixels are mixed with those beside them.
    async fn mix(&mut self, name: &str, width: usize) -> Result<()> {
        let mixer = format!("{name}.token_mixer");
        let mut kernels = self.branches(&format!("{mixer}.mixer"), [width, 1], SMALL).await?;
        let mut norm = Kernels::new([width, 1], SMALL);
        let identity = format!("{mixer}.norm.identity");
        norm.add_identity(&ChannelNorm::read(self.weights, &identity, width).await?);
        kernels.subtract(&norm);
        kernels.scale(&self.factors(&format!("{mixer}.layer_scale"), width).await?);
        kernels.add_diagonal(&vec![1.0; width]);
        let source = self.depthwise(kernels, 1);
        self.push(source, Vec::new());
        self.hidden(name, width, "layer_scale").await
    }

    /// A block whose pixels attend to each other.
    async fn attention(&mut self, name: &str, width: usize) -> Result<()> {
        let mixer = format!("{name}.token_mixer");
        let norm = ChannelNorm::read(self.weights, &format!("{name}.norm"), width).await?;
        let shape = [3 * width, width];
        let queries = self.weights.dense(&format!("{mixer}.qkv.weight"), shape).await?;
        let queries = self.matrix(normed(queries, shape, &norm))?;
        let before = self.last;
        self.push(Source::Map(before), vec![PixelOperation::Multiply(queries)]);
        self.last = self.push_step(Step::Attend(self.last, width / HEAD));
        let mut output = self.plain(&format!("{mixer}.proj"), [width, width], 1).await?;
        output.scale(&self.factors(&format!("{name}.layer_scale_1"), width).await?);
        let output = PixelOperation::Multiply(self.matrix(output)?);
        self.push(Source::Map(self.last), vec![output, PixelOperation::Add(before)]);
        self.hidden(name, width, "layer_scale_2").await
    }

    /// The second half of a block: a hidden layer, added to what came in.
    async fn hidden(&mut self, name: &str, width: usize, scale: &str) -> Result<()> {
        let mut kernels = Kernels::new([width, 1], LARGE);
        kernels.add(self.weights, &format!("{name}.mlp.conv"), LARGE).await?;
        let between = HIDDEN * width;
        let first = self.plain(&format!("{name}.mlp.fc1"), [between, width], 1).await?;
        let mut second = self.plain(&format!("{name}.mlp.fc2"), [width, between], 1).await?;
        second.scale(&self.factors(&format!("{name}.{scale}"), width).await?);
        let [first, second] =
            [self.matrix(first)?, self.matrix(second)?].map(PixelOperation::Multiply);
        let before = self.last;
        let source = self.depthwise(kernels, 1);
        self.push(source, vec![first, GELU, second, PixelOperation::Add(before)]);
        Ok(())
    }

    /// The last convolution, the mean of all pixels, and a matrix.
    async fn head(&mut self, prefix: &str, width: usize, outputs: usize) -> Result<()> {
        let (name, width) = (format!("{prefix}.final_conv"), 2 * width);
        let kernels = self.branches(&name, [width, 1], SMALL).await?;
        self.last = self.push_step(Step::Twice(self.last));
        let source = self.depthwise(kernels, 1);
        let gates = Some(width / LAST_NARROWER);
        self.gated(source, gates, &format!("{name}.se"), width, vec![GELU]).await?;
        self.last = self.push_step(Step::Mean(self.last));
        let matrix = self.plain(&format!("{prefix}.head.fc"), [outputs, width], 1).await?;
        let matrix = PixelOperation::Multiply(self.matrix(matrix)?);
        self.push(Source::Map(self.last), vec![matrix]);
        Ok(())
    }

    /// A gate for each channel, from the mean of all pixels (Hu et al. 2017,
    /// <https://arxiv.org/abs/1709.01507>), then other operations.
    async fn gated(
        &mut self,
        source: Source,
        gates: Option<usize>,
        name: &str,
        width: usize,
        mut then: Vec<PixelOperation>,
    ) -> Result<()> {
        let Some(between) = gates else {
            self.push(source, then);
            return Ok(());
        };
        self.push(source, Vec::new());
        let map = self.last;
        let first = self.plain(&format!("{name}.fc1"), [between, width], 1).await?;
        let second = self.plain(&format!("{name}.fc2"), [width, between], 1).await?;
        let operations = vec![
            PixelOperation::Multiply(self.matrix(first)?),
            PixelOperation::Activate(Function::Relu),
            PixelOperation::Multiply(self.matrix(second)?),
            PixelOperation::Activate(Function::Kernel(Activation::Sigmoid)),
        ];
        self.last = self.push_step(Step::Mean(map));
        self.push(Source::Map(self.last), operations);
        then.insert(0, PixelOperation::Gate(self.last));
        self.push(Source::Map(map), then);
        Ok(())
    }

    /// A convolution of several branches.
    async fn branches(&self, name: &str, shape: [usize; 2], side: usize) -> Result<Kernels> {
        let mut kernels = Kernels::new(shape, side);
        kernels.add(self.weights, &format!("{name}.conv_kxk.0"), side).await?;
        let (one, identity) = (format!("{name}.conv_scale"), format!("{name}.identity"));
        if self.weights.has(&format!("{one}.conv.weight")) {
            kernels.add(self.weights, &one, 1).await?;
        }
        if self.weights.has(&format!("{identity}.weight")) {
            kernels.add_identity(&ChannelNorm::read(self.weights, &identity, shape[0]).await?);
        }
        Ok(kernels)
    }

    /// The same of single pixels, as a matrix.
    async fn pixel_branches(&self, name: &str, width: usize) -> Result<Matrix> {
        self.matrix(self.branches(name, [width, width], 1).await?)
    }

    /// A convolution as it is, with its biases.
    async fn plain(&self, name: &str, shape: [usize; 2], side: usize) -> Result<Kernels> {
        let [outputs, inputs] = shape;
        let rows = [outputs, inputs * side * side];
        let weights = self.weights.dense(&format!("{name}.weight"), rows).await?;
        let biases = self.weights.vector(&format!("{name}.bias"), outputs).await?;
        Ok(Kernels { outputs, inputs, side, weights, biases })
    }

    /// Factors of channels.
    async fn factors(&self, name: &str, width: usize) -> Result<Vec<f32>> {
        self.weights.numbers(&format!("{name}.gamma"), width).await
    }

    fn matrix(&self, kernels: Kernels) -> Result<Matrix> {
        let Kernels { inputs, side, weights, biases, .. } = kernels;
        let matrix = Matrix::of_kernels(&weights, [inputs, side * side], biases, self.precision);
        matrix.ok_or_else(|| corrupt("a convolution has numbers that are not finite"))
    }

    /// Each channel of the last value with a kernel of its own.
    fn depthwise(&self, kernels: Kernels, stride: usize) -> Source {
        let Kernels { side, weights, biases, .. } = kernels;
        let weights = DepthwiseWeights::new([side, side], &weights, &biases);
        Source::Depthwise(self.last, window(side, stride), weights)
    }

    fn push(&mut self, source: Source, operations: Vec<PixelOperation>) {
        self.last = self.push_step(Step::Pixels { source, operations, spread: None });
    }

    fn push_step(&mut self, step: Step) -> ValueId {
        let id = self.steps.len() + 1;
        self.steps.push((step, id));
        id
    }
}

/// A matrix of inputs that a norm comes before.
fn normed(mut weights: Vec<f32>, [outputs, inputs]: [usize; 2], norm: &ChannelNorm) -> Kernels {
    let mut biases = Vec::with_capacity(outputs);
    for row in weights.chunks_exact_mut(inputs) {
        biases.push(row.iter().zip(&norm.shifts).map(|(number, shift)| number * shift).sum());
        row.iter_mut().zip(&norm.scales).for_each(|(number, scale)| *number *= scale);
    }
    Kernels { outputs, inputs, side: 1, weights, biases }
}

/// Windows of an odd side around each pixel, or around each second one.
fn window(side: usize, stride: usize) -> Window {
    let before = [side / 2; 2];
    Window { size: [side; 2], stride: [stride; 2], before, after: before }
}
