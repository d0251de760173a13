//! Activations and norms.
#![allow(clippy::unwrap_used)]

use crate::test;

use super::*;

#[test]
fn activation_functions_follow_their_definitions() {
    let inputs: Vec<f32> = (-4000..4000).map(|at| at as f32 / 200.0).collect();
    // The cumulative normal distribution at x, by its series and its continued fraction.
    let normal = |x: f64| {
        let erf = |x: f64| -> f64 {
            if x.abs() < 3.0 {
                let mut term = x;
                let mut sum = x;
                for n in 1..120 {
                    term *= -x * x / f64::from(n);
                    sum += term / f64::from(2 * n + 1);
                }
                sum * 2.0 / std::f64::consts::PI.sqrt()
            } else {
                let tail = (1..60).rev().fold(0.0, |tail, n| f64::from(n) / 2.0 / (x.abs() + tail));
                (1.0 - (-x * x).exp() / std::f64::consts::PI.sqrt() / (x.abs() + tail)).copysign(x)
            }
        };
        (1.0 + erf(x / std::f64::consts::SQRT_2)) / 2.0
    };
    type Definition = fn(f64, &dyn Fn(f64) -> f64) -> f64;
    let definitions: [(Activation, Definition); 5] = [
        (Activation::QuickGelu, |x, _| x / (1.0 + (-1.702 * x).exp())),
        (Activation::Sigmoid, |x, _| 1.0 / (1.0 + (-x).exp())),
        (Activation::Silu, |x, _| x / (1.0 + (-x).exp())),
        (Activation::Gelu, |x, normal| x * normal(x)),
        (Activation::GeluTanh, |x, _| {
            let inner = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x * x * x);
            x / 2.0 * (1.0 + inner.tanh())
        }),
    ];
    for (activation, definition) in definitions {
        let mut values = inputs.clone();
        activate(&mut values, activation);
        for (x, got) in inputs.iter().zip(&values) {
            let expected = definition(f64::from(*x), &normal);
            let error = (f64::from(*got) - expected).abs();
            assert!(error < 2e-6 * expected.abs().max(1.0), "{activation:?}({x}) {got} {expected}");
        }
        let mut doubled = inputs.clone();
        activate_times(&mut doubled, activation, &vec![2.0; inputs.len()]);
        assert!(doubled.iter().zip(&values).all(|(a, b)| *a == 2.0 * b));
    }
}

#[test]
fn norms_follow_their_definitions() {
    let (input, weights, biases) = (row(3 * 50, 1), row(50, 2), row(50, 3));
    let mut normed = vec![0.0; input.len()];
    rms_norm(&input, &weights, 1e-5, &mut normed);
    let mut layered = input.clone();
    layer_norm(&mut layered, &weights, &biases, 1e-5);
    let halves: Vec<f32> = input.iter().map(|x| x / 2.0).collect();
    let mut of_sum = halves.clone();
    add_and_layer_norm(&mut of_sum, &halves, &weights, &biases, 1e-5);
    assert_eq!(of_sum, layered);
    for (place, x) in input.iter().enumerate() {
        let row = &input[place / 50 * 50..][..50];
        let mean = row.iter().map(|&x| f64::from(x)).sum::<f64>() / 50.0;
        let square =
            |less: f64| row.iter().map(|&x| (f64::from(x) - less).powi(2)).sum::<f64>() / 50.0;
        let (weight, bias) = (f64::from(weights[place % 50]), f64::from(biases[place % 50]));
        let expected = f64::from(*x) / (square(0.0) + 1e-5).sqrt() * weight;
        assert!((f64::from(normed[place]) - expected).abs() < 1e-5);
        let expected = (f64::from(*x) - mean) / (square(mean) + 1e-5).sqrt() * weight + bias;
        assert!((f64::from(layered[place]) - expected).abs() < 1e-5);
    }
}

#[test]
fn a_single_nan_or_infinity_is_found() {
    let mut values = vec![1.0; 100];
    assert!(all_finite(&values));
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        values[77] = bad;
        assert!(!all_finite(&values));
    }
}

#[test]
fn softmax_follows_its_definition() {
    for width in [1, 7, 8, 37, 6906] {
        let input: Vec<f32> = row(2 * width, 5).iter().map(|x| x * 30.0).collect();
        let mut got = input.clone();
        softmax(&mut got, width);
        for (input, got) in input.chunks(width).zip(got.chunks(width)) {
            let largest = input.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let powers: Vec<f64> = input.iter().map(|x| f64::from(x - largest).exp()).collect();
            let sum: f64 = powers.iter().sum();
            let fits = |(power, got): (&f64, &f32)| (power / sum - f64::from(*got)).abs() < 1e-6;
            assert!(powers.iter().zip(got).all(fits), "{width} numbers");
        }
    }
}

#[test]
fn a_depthwise_product_is_that_of_each_channel_with_its_window() {
    let (width, height, window) = (5, 4, [3, 2]);
    for channels in [1, 8, 20] {
        let map = row(width * height * channels, 6);
        let (weights, biases) = (row(channels * 6, 7), row(channels, 8));
        let mut kernel = DepthwiseWeights::new(window, &weights, &vec![0.0; channels]);
        kernel.add_biases(&biases);
        assert_eq!(kernel.channels(), channels);
        // The whole window, its lower right part at the corner, and nothing of it.
        let places = [
            Overlap { map: [1, 3], window: [0, 0], size: [3, 2] },
            Overlap { map: [0, 0], window: [1, 1], size: [2, 1] },
            Overlap { map: [0, 0], window: [0, 0], size: [0, 2] },
        ];
        let mut got = vec![0.0; places.len() * channels];
        kernel.multiply(&map, width, &places, &mut got);
        for (place, got) in places.iter().zip(got.chunks(channels)) {
            for (channel, got) in got.iter().enumerate() {
                let mut sum = biases[channel];
                for y in 0..place.size[0] {
                    for x in 0..place.size[1] {
                        let pixel = (place.map[0] + y) * width + place.map[1] + x;
                        let position = (place.window[0] + y) * window[1] + place.window[1] + x;
                        sum += map[pixel * channels + channel] * weights[channel * 6 + position];
                    }
                }
                assert!((sum - got).abs() < 1e-5, "{channels} channels: {sum} {got}");
            }
        }
    }
}
