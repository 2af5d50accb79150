//! Derivatives against differences.

use super::{Likelihood, Slope};

/// Asserts that the gradient is the slope of the value, and the Hessian that of the gradient.
#[track_caller]
pub(in crate::computed::model) fn assert_slopes<const N: usize>(
    likelihood: &impl Likelihood<N>,
    parameters: [f64; N],
) {
    let here = likelihood.at(parameters);
    for of in 0..N {
        let step = 1e-4 * parameters[of];
        let at = |steps: f64| {
            let mut moved = parameters;
            moved[of] += steps * step;
            likelihood.at(moved)
        };
        let around = [at(-2.0), at(-1.0), at(1.0), at(2.0)];
        // The difference of fourth order.
        let slope = |value: &dyn Fn(&Slope<N>) -> f64| {
            let [before2, before, after, after2] = around.each_ref().map(value);
            (8.0 * (after - before) - (after2 - before2)) / (12.0 * step)
        };
        let check = |found: f64, expected: f64, size: f64, what: &str| {
            let far = (found - expected).abs();
            assert!(
                far <= 1e-8 * (size / step).max(found.abs()),
                "{what} {of}: {found} {expected}"
            );
        };
        check(here.gradient[of], slope(&|at| at.value), 1e-3 * here.value.abs(), "gradient");
        for other in 0..N {
            let size = 1e-3 * here.gradient[other].abs().max(1e-3);
            check(here.hessian[of][other], slope(&|at| at.gradient[other]), size, "Hessian");
        }
    }
}
