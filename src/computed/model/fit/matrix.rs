//! Small symmetric matrices.
#![expect(clippy::indexing_slicing, reason = "indices run below N, the length of the arrays")]

/// The lower triangle L of a positive definite matrix A = L Lᵀ (Cholesky).
#[derive(Debug, Clone, Copy)]
pub(super) struct Factor<const N: usize> {
    lower: [[f64; N]; N],
}

impl<const N: usize> Factor<N> {
    /// `None` where the matrix with `ridge` added to its diagonal is not positive definite.
    pub(super) fn new(matrix: &[[f64; N]; N], ridge: f64) -> Option<Self> {
        let mut lower = [[0.0; N]; N];
        for row in 0..N {
            for column in 0..=row {
                let so_far = lower[row].iter().zip(&lower[column]).take(column);
                let mut rest =
                    so_far.fold(matrix[row][column], |rest, (left, right)| rest - left * right);
                if column < row {
                    lower[row][column] = rest / lower[column][column];
                    continue;
                }
                rest += ridge;
                // What rounding has left of a singular matrix is not a pivot.
                let least = (matrix[row][row].abs() + ridge) * 1e-13;
                if rest.is_nan() || rest <= least {
                    return None;
                }
                lower[row][row] = rest.sqrt();
            }
        }
        Some(Self { lower })
    }

    /// x with A x = `right`.
    pub(super) fn solve(&self, right: &[f64; N]) -> [f64; N] {
        let mut x = *right;
        for row in 0..N {
            for k in 0..row {
                x[row] -= self.lower[row][k] * x[k];
            }
            x[row] /= self.lower[row][row];
        }
        for row in (0..N).rev() {
            for k in row + 1..N {
                x[row] -= self.lower[k][row] * x[k];
            }
            x[row] /= self.lower[row][row];
        }
        x
    }

    /// The diagonal of the inverse of A.
    pub(super) fn inverse_diagonal(&self) -> [f64; N] {
        std::array::from_fn(|column| {
            let unit = std::array::from_fn(|row| if row == column { 1.0 } else { 0.0 });
            self.solve(&unit)[column]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MATRIX: [[f64; 3]; 3] = [[4.0, 2.0, -2.0], [2.0, 10.0, 2.0], [-2.0, 2.0, 6.0]];

    #[test]
    fn solves_by_hand() {
        // x = (1, 2, 3): 4 + 4 − 6, 2 + 20 + 6, −2 + 4 + 18.
        let found = Factor::new(&MATRIX, 0.0).unwrap().solve(&[2.0, 28.0, 20.0]);
        for (found, expected) in found.into_iter().zip([1.0, 2.0, 3.0]) {
            assert!((found - expected).abs() < 1e-14, "{found} {expected}");
        }
    }

    #[test]
    fn inverts_the_diagonal() {
        // Cofactors 56, 20, 36 over the determinant 144.
        let found = Factor::new(&MATRIX, 0.0).unwrap().inverse_diagonal();
        for (found, expected) in found.into_iter().zip([56.0, 20.0, 36.0]) {
            assert!((found - expected / 144.0).abs() < 1e-15, "{found} {expected}");
        }
    }

    #[test]
    fn only_positive_definite_ones() {
        let indefinite = [[1.0, 2.0], [2.0, 1.0]];
        assert!(Factor::new(&indefinite, 0.0).is_none());
        assert!(Factor::new(&indefinite, 1.5).is_some());
        assert!(Factor::new(&[[1.0, 1.0], [1.0, 1.0]], 0.0).is_none());
        assert!(Factor::new(&[[f64::NAN, 0.0], [0.0, 1.0]], 0.0).is_none());
    }
}
